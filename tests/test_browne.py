"""Browne's residual-based tests, against lavaan 0.6-14 on Holzinger and Swineford's data."""

from __future__ import annotations

import pandas as pd
import pytest
from reference_cases import data_path

import research

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
LAVAAN = {  # lavInspect(cfa(…, test = "browne.residual.nt" | ".adf" | ".nt.model"), "test")
    ("ML", None): (77.903417, 82.408147, 81.36768),
    ("GLS", None): (77.470723, 83.562425, 125.15079),
    ("ULS", None): (74.52629, 80.051784, 79.347213),
    ("ML", "school"): (98.442206, 122.6969, 110.31008),
    ("GLS", "school"): (97.479948, 118.27883, 202.70901),
    ("ULS", "school"): (93.84064, 118.22545, 108.81968),
}
KINDS = ("browne_residual_nt", "browne_residual_adf", "browne_residual_nt_model")


@pytest.mark.parametrize(("estimator", "group"), list(LAVAAN))
def test_statistics_of_lavaan(estimator: str, group: str | None) -> None:
    data = pd.read_csv(data_path("HolzingerSwineford1939.csv"))
    plain = research.cfa(MODEL, data, estimator=estimator, group=group).measures()
    found = research.cfa(MODEL, data, estimator=estimator, group=group, test=KINDS).measures()
    for kind, want in zip(KINDS, LAVAAN[estimator, group], strict=True):
        assert found[f"chisq_{kind}"] == pytest.approx(want, rel=5e-6)  # as near as lavaan's search comes
        assert 0 < found[f"pvalue_{kind}"] < 0.01
    assert {name: value for name, value in found.items() if "browne" not in name} == pytest.approx(
        plain, nan_ok=True
    )


def test_incomplete_rows_have_none() -> None:
    data = pd.read_csv(data_path("hs_missing.csv"))
    with pytest.raises(research.ResearchError, match="complete rows"):
        research.cfa(MODEL, data, missing="fiml", test="browne_residual_nt").measures()
