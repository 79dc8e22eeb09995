"""The real surveys that tests are run on, and which items measure what in them."""

from __future__ import annotations

import pandas as pd
from shared import shared

MOBI = {
    "Image": [f"IMAG{i}" for i in range(1, 6)],
    "Expectation": [f"CUEX{i}" for i in range(1, 4)],
    "Quality": [f"PERQ{i}" for i in range(1, 8)],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": [f"CUSA{i}" for i in range(1, 4)],
    "Complaints": ["CUSCO"],
    "Loyalty": [f"CUSL{i}" for i in range(1, 4)],
}
CORP = {name: [f"{name.lower()}_{i}" for i in range(1, 4)] for name in ("COMP", "LIKE", "CUSL")}
HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


def mobi() -> pd.DataFrame:
    """250 customers of mobile operators."""
    return pd.read_csv(shared("realdata/ecsi_mobile_250.csv"))


def corp() -> pd.DataFrame:
    """344 customers judging their provider's reputation; -99 is missing."""
    return pd.read_csv(shared("realdata/corp_rep_344.csv"), na_values=[-99, "-99"])


def hs() -> pd.DataFrame:
    """Holzinger and Swineford's 301 pupils."""
    return pd.read_csv(shared("reference/data/HolzingerSwineford1939.csv"))
