"""Writers of the example domains: each module here makes one folder of examples/ anew."""
