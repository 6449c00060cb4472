"""Personal data in Chinese text: what is looked for, how it is recognised, and what is done with it.

Importing this package is cheap; `recogniser` and `operators` import Presidio, which takes a second.
"""

from __future__ import annotations

__all__ = ["DECLARED", "ENTITIES"]

ENTITIES = (
    "BANK_CARD",
    "BIRTH_DATE",
    "CN_DRIVER_FILE",
    "CN_HK_MACAU_PERMIT",
    "CN_HOUSING_FUND",
    "CN_ID_CARD",
    "CN_LANDLINE",
    "CN_MOBILE",
    "CN_OFFICER_CARD",
    "CN_ORG_CODE",
    "CN_PASSPORT",
    "CN_PERMANENT_RESIDENCE",
    "CN_PLATE",
    "CN_POSTCODE",
    "CN_SOCIAL_SECURITY",
    "CN_TAIWAN_PERMIT",
    "CN_USCC",
    "EMAIL_ADDRESS",
    "GPS",
    "HK_ID_CARD",
    "ICCID",
    "IMEI",
    "IMSI",
    "IP_ADDRESS",
    "MAC_ADDRESS",
    "MEDICAL_RECORD",
    "PUBLIC_PHONE",
    "QQ",
    "SECRET",
    "TW_ID_CARD",
    "VIN",
    "WECHAT",
    "WEIBO",
)
"""What is found in running text; each is one or more rows of data/entities.yaml."""

DECLARED = ("ADDRESS", "AGE", "DATE", "PERSON")
"""What a catalog may also declare a column to hold; any other name it declares is redacted."""
