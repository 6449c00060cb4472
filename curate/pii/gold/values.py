"""Made-up values of every kind, each valid by its own rule; whoever holds such a number holds it by chance."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .devices import email, gps, iccid, imei, imsi, ip, mac, qq, secret, wechat, weibo
from .numbers import bank_card, landline, mobile, org_code, plate, postcode, uscc, vin
from .papers import (
    birth_date,
    driver_file,
    hk_id_card,
    hk_macau_permit,
    housing_fund,
    id_card,
    id_card_15,
    medical_insurance,
    medical_record,
    officer_card,
    passport,
    permanent_residence,
    permanent_residence_new,
    residence_permit,
    social_security,
    taiwan_permit,
    tw_id_card,
)
from .people import address, familiar, handle, org, person

__all__ = ["VALUES"]

VALUES: dict[str, Callable[[Random], str]] = {
    "address": address,
    "bank_card": bank_card,
    "birth_date": birth_date,
    "driver_file": driver_file,
    "email": email,
    "familiar": familiar,
    "gps": gps,
    "handle": handle,
    "hk_id_card": hk_id_card,
    "hk_macau_permit": hk_macau_permit,
    "housing_fund": housing_fund,
    "iccid": iccid,
    "id_card": id_card,
    "id_card_15": id_card_15,
    "imei": imei,
    "imsi": imsi,
    "ip": ip,
    "landline": landline,
    "mac": mac,
    "medical_record": medical_record,
    "medical_insurance": medical_insurance,
    "mobile": mobile,
    "officer_card": officer_card,
    "org": org,
    "org_code": org_code,
    "passport": passport,
    "permanent_residence": permanent_residence,
    "permanent_residence_new": permanent_residence_new,
    "person": person,
    "plate": plate,
    "postcode": postcode,
    "qq": qq,
    "residence_permit": residence_permit,
    "secret": secret,
    "social_security": social_security,
    "taiwan_permit": taiwan_permit,
    "tw_id_card": tw_id_card,
    "uscc": uscc,
    "vin": vin,
    "wechat": wechat,
    "weibo": weibo,
}
"""One function for each row of kinds.tsv."""
