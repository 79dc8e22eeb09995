"""What the engine can do: an option that is understood but not carried out is refused, never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import OptionError

if TYPE_CHECKING:
    from research.model.options import Options

DISCREPANCIES = ("ML", "GLS", "ULS", "WLS", "DWLS")
MISSING = ("listwise", "fiml", "fiml_x", "two_stage", "robust_two_stage", "pairwise")
STANDARD_ERRORS = (
    "none",
    "standard",
    "bootstrap",
    "robust_sem",
    "robust_huber_white",
    "robust_cluster",
    "robust_cluster_sem",
    "two_stage",
    "robust_two_stage",
)
TESTS = (
    "none",
    "standard",
    "satorra_bentler",
    "yuan_bentler",
    "yuan_bentler_mplus",
    "mean_var_adjusted",
    "scaled_shifted",
    "bollen_stine",
    "browne_residual_adf",
    "browne_residual_nt",
    "browne_residual_nt_model",
)
COMPLETE = ("satorra_bentler", "yuan_bentler", "mean_var_adjusted", "scaled_shifted")


def refuse_unimplemented(options: Options) -> None:
    """An `OptionError` that names the first option whose value would not be honoured.

    Without it the numbers of plain maximum likelihood would stand under another name.
    """
    if options.ordered:
        raise _not_carried_out(
            "ordered", f"{options.ordered!r}", "leave it out to treat the items as continuous"
        )
    _one_of("estimator", options.discrepancy, DISCREPANCIES)
    _one_of("missing", options.missing, MISSING)
    _one_of("se", options.se, STANDARD_ERRORS)
    for test in options.tests:
        _one_of("test", test, TESTS)
    if options.missing == "pairwise" and not _by_moments(options):
        raise OptionError(
            "missing='pairwise' has no complete rows to compute robust standard errors, scaled tests or the "
            f"weights of {options.estimator} from; use it with estimator ML or ULS and their defaults, "
            "or use missing='fiml' with MLR"
        )
    incomplete = options.missing in ("fiml", "fiml_x")
    odd = next((one for one in options.tests if incomplete and one in COMPLETE), "")
    if odd:
        raise OptionError(
            f"test '{odd}' is defined for complete rows; with missing='{options.missing}' use "
            "test='yuan_bentler_mplus' (or estimator='MLR'), which corrects for incomplete rows as well"
        )
    if options.sampling_weights and (options.discrepancy != "ML" or not _by_scores(options)):
        raise OptionError(
            "sampling weights need maximum likelihood with errors and tests from the likelihood's scores: "
            "leave estimator, se and test at their defaults, or use MLR"
        )
    if options.sampling_weights and options.likelihood == "wishart":
        raise OptionError(
            "sampling weights have no Wishart likelihood, which counts rows; leave likelihood at 'normal'"
        )
    if options.information == "first_order" and options.discrepancy != "ML":
        raise OptionError(f"information 'first_order' needs maximum likelihood, not {options.estimator}")


def _by_moments(options: Options) -> bool:
    """Whether the moments are all that the estimator, its errors and its tests need."""
    return (
        options.discrepancy in ("ML", "ULS")
        and options.se in ("none", "standard")
        and options.information != "first_order"
        and not options.is_scaled
        and not options.sampling_weights
        and options.tests in (("standard",), ("none",))
    )


def _by_scores(options: Options) -> bool:
    """Whether neither errors nor tests are built on the rows' deviations from the sample moments."""
    known = ("none", "standard", "yuan_bentler_mplus", "bollen_stine")
    return "_sem" not in options.se and all(test in known for test in options.tests)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise _not_carried_out(name, f"'{value}'", f"it takes {', '.join(known)}")


def _not_carried_out(name: str, value: str, remedy: str) -> OptionError:
    return OptionError(f"option '{name}' = {value}: understood, but not carried out; {remedy}")
