"""The options of cfa, sem and growth, with lavaan's names, meanings and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Literal, TypedDict, cast

from research.errors import OptionError, did_you_mean
from research.model.option_values import ESTIMATORS, SCALED_TESTS, Argument, Discrepancy, read_value

Function = Literal["cfa", "sem", "growth"]
Derivatives = Literal["hessian", "h1"]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one fit, every default resolved. Make one with `read_options`.

    `estimator` is the name given (`"MLR"`), `discrepancy` the function it minimises. `tests` are
    all test statistics asked for, in lavaan's order; `test` is the one that scales the fit
    measures, or "standard". `meanstructure` is None where the model text and the number of groups
    decide. `fixed_x` and `conditional_x` are what holds if the model has exogenous observed
    variables. `observed_information` says how observed information is computed, for standard
    errors and for the scaled test; "h1" leaves out the second derivatives.
    `likelihood` is "default" for estimators other than maximum likelihood.
    """

    fun: Function = "sem"
    estimator: str = "ML"
    missing: str = "listwise"
    ordered: tuple[str, ...] | bool = ()
    group: str | None = None
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    std_lv: bool = False
    orthogonal: bool = False
    meanstructure: bool | None = None
    fixed_x: bool = True
    likelihood: Literal["normal", "wishart", "default"] = "normal"
    information: Literal["expected", "observed", "first_order"] = "expected"
    se: str = "standard"
    test: str = "standard"
    bootstrap: int = 1000
    parameterization: Literal["delta", "theta"] = "delta"
    effect_coding: tuple[str, ...] = ()
    bounds: str = "none"
    cluster: str | None = None
    sampling_weights: str | None = None
    sample_cov_rescale: bool = True
    rotation: str = "geomin"
    rotation_args: Mapping[str, Argument] = field(default_factory=dict)
    rotation_se: Literal["bordered", "delta"] = "bordered"
    max_iter: int = 10_000
    seed: int = 1
    discrepancy: Discrepancy = "ML"
    tests: tuple[str, ...] = ("standard",)
    conditional_x: bool = False
    observed_information: tuple[Literal["hessian", "h1"], Literal["hessian", "h1"]] = ("hessian", "hessian")
    h1_information: Literal["structured", "unstructured"] = "structured"

    @property
    def is_ordinal(self) -> bool:
        """Whether some variables are treated as ordered categories."""
        return bool(self.ordered)

    @property
    def is_scaled(self) -> bool:
        """Whether a scaled test was asked for, so that there are scaled and robust fit measures."""
        return self.test in SCALED_TESTS


_RESOLVED = ("fun", "discrepancy", "tests", "conditional_x", "observed_information", "h1_information")
NAMES = tuple(one.name for one in fields(Options) if one.name not in _RESOLVED)


class _Given(TypedDict, total=False):
    """What the user gave, checked and canonically spelt."""

    estimator: str
    missing: str
    ordered: tuple[str, ...] | bool
    group: str
    group_equal: tuple[str, ...]
    group_partial: tuple[str, ...]
    std_lv: bool
    orthogonal: bool
    meanstructure: bool
    fixed_x: bool
    likelihood: Literal["normal", "wishart"]
    information: Literal["expected", "observed", "first_order"]
    se: str
    test: tuple[str, ...]
    bootstrap: int
    parameterization: Literal["delta", "theta"]
    effect_coding: tuple[str, ...]
    bounds: str
    cluster: str
    sampling_weights: str
    sample_cov_rescale: bool
    rotation: str
    rotation_args: dict[str, Argument]
    rotation_se: Literal["bordered", "delta"]
    max_iter: int
    seed: int


def read_options(fun: Function, /, **given: object) -> Options:
    """Check what the user gave and resolve lavaan's defaults (lavaan 0.6, mimic = "lavaan").

    Names and values take underscores or lavaan's dots. None and `"default"` stand for the
    default. An unknown name or value, or two that exclude each other, is an `OptionError` that
    lists what is allowed.

    >>> options = read_options("cfa", estimator="MLR")
    >>> options.se, options.test, options.information
    ('robust_huber_white', 'yuan_bentler_mplus', 'observed')
    """
    if not given:
        return _defaults(fun)
    checked: dict[str, object] = {}
    for key, value in given.items():
        name = key.replace(".", "_")
        if name not in NAMES:
            hint = did_you_mean(name, NAMES)
            raise OptionError(f"{fun}: unknown option '{key}'; there are {', '.join(NAMES)}.{hint}")
        if value is not None and not (name != "bounds" and isinstance(value, str) and value == "default"):
            checked[name] = read_value(name, value)
    return _resolve(fun, cast(_Given, checked))


@cache
def _defaults(fun: Function) -> Options:
    """lavaan's defaults, resolved once."""
    return _resolve(fun, {})


def _resolve(fun: Function, given: _Given) -> Options:
    ordered = given.get("ordered", ())
    name = given.get("estimator") or ("WLSMV" if ordered else "ML")
    missing = given.get("missing", "listwise")
    if name == "ML" and given.get("sampling_weights"):
        name = "MLR"  # weights are never compatible with the textbook standard errors
    discrepancy = ESTIMATORS[name].discrepancy
    _check_together(name, discrepancy, missing, given)
    is_ml = discrepancy == "ML"
    two_stage = missing in ("two_stage", "robust_two_stage")
    se = _standard_errors(name, discrepancy, missing, given)
    tests, test = _tests(name, missing, given)
    likelihood = given.get("likelihood") or ("normal" if is_ml else "default")
    scaled = any(one in SCALED_TESTS for one in tests)
    information = given.get("information") or _information(name, missing, se, given)
    if information == "first_order" and (scaled or se.startswith("robust")):
        raise OptionError(
            "first-order information leaves nothing to correct: with robust standard errors or a "
            "scaled test, information is 'expected' or 'observed'"
        )
    by_h1 = scaled and not (name == "MLR" and len(tests) == 1)
    mean = fun == "growth" or missing not in ("listwise", "pairwise") or bool(ordered) or "cluster" in given
    equal = given.get("group_equal", ())
    mean = mean or "intercepts" in equal or "means" in equal
    fixed_x = given.get("fixed_x", (is_ml and not two_stage) or bool(ordered))
    return Options(
        fun=fun,
        estimator=name,
        missing=missing,
        ordered=ordered,
        group=given.get("group"),
        group_equal=equal,
        group_partial=given.get("group_partial", ()),
        std_lv=given.get("std_lv", False),
        orthogonal=given.get("orthogonal", False),
        meanstructure=True if mean else given.get("meanstructure"),
        fixed_x=fixed_x,
        likelihood=likelihood,
        information=information,
        se="standard" if se == "first_order" else se,
        test=test,
        bootstrap=given.get("bootstrap", 1000),
        parameterization=given.get("parameterization", "delta"),
        effect_coding=given.get("effect_coding", ()),
        bounds=given.get("bounds", "none"),
        cluster=given.get("cluster"),
        sampling_weights=given.get("sampling_weights"),
        sample_cov_rescale=given.get("sample_cov_rescale", is_ml and likelihood == "normal"),
        rotation=given.get("rotation", "geomin"),
        rotation_args=given.get("rotation_args", {}),
        rotation_se=given.get("rotation_se", "bordered"),
        max_iter=given.get("max_iter", 10_000),
        seed=given.get("seed", 1),
        discrepancy=discrepancy,
        tests=tests,
        conditional_x=bool(ordered) and fixed_x,
        observed_information=("h1" if two_stage else "hessian", "h1" if two_stage or by_h1 else "hessian"),
        h1_information="unstructured" if two_stage or discrepancy in ("ULS", "WLS", "DWLS") else "structured",
    )


def _check_together(name: str, discrepancy: Discrepancy, missing: str, given: _Given) -> None:
    """Refuse options that exclude each other."""
    if given.get("ordered") and discrepancy in ("ML", "GLS"):
        raise OptionError(f"estimator {name} does not take ordered variables; use WLSMV, DWLS, ULSMV or WLS")
    if missing in ("fiml", "fiml_x") and name not in ("ML", "MLR", "MLF"):
        raise OptionError(f"missing = '{missing}' needs estimator ML, MLR or MLF, not {name}")
    if missing in ("two_stage", "robust_two_stage") and name not in ("ML", "MLR"):
        raise OptionError(f"missing = '{missing}' needs estimator ML or MLR, not {name}")
    if "likelihood" in given and discrepancy != "ML":
        raise OptionError(f"option 'likelihood' is for maximum likelihood only, not for estimator {name}")
    if given.get("std_lv") and "loadings" in given.get("effect_coding", ()):
        raise OptionError(
            "std_lv=True and effect_coding='loadings' scale the latent variables twice; choose one"
        )
    if "cluster" in given and discrepancy != "ML":
        raise OptionError(f"option 'cluster' needs estimator ML, MLR or another of that family, not {name}")


def _standard_errors(name: str, discrepancy: Discrepancy, missing: str, given: _Given) -> str:
    """The kind of standard errors: what was asked for, or the estimator's default."""
    asked = given.get("se")
    if asked is None or asked == "robust":
        if missing in ("two_stage", "robust_two_stage"):
            return missing
        if "cluster" in given:
            return "robust_cluster" if ESTIMATORS[name].se != "robust_sem" else "robust_cluster_sem"
        if asked == "robust":
            asked = "robust_huber_white" if missing in ("fiml", "fiml_x") else "robust_sem"
    if asked is None:
        return ESTIMATORS[name].se
    allowed = {"GLS": (), "WLS": ("robust_sem",), "ULS": ("robust_sem",), "DWLS": ("robust_sem",)}
    if discrepancy in allowed:
        usual = ("standard", "bootstrap", "none", *allowed[discrepancy])
        if asked not in usual:
            raise OptionError(f"se = '{asked}' is not for estimator {name}; it takes {', '.join(usual)}")
    if asked in ("robust_cluster", "robust_cluster_sem") and "cluster" not in given:
        raise OptionError(f"se = '{asked}' needs option 'cluster', the column that names the clusters")
    if asked in ("two_stage", "robust_two_stage") and missing != asked:
        raise OptionError(f"se = '{asked}' needs missing = '{asked}'")
    return asked


def _tests(name: str, missing: str, given: _Given) -> tuple[tuple[str, ...], str]:
    """All tests in lavaan's order, and the one that scales the fit measures."""
    default = ESTIMATORS[name].test
    asked = given.get("test", ())
    if asked == ("none",):
        return ("none",), "none"
    own = tuple(one for one in asked if one != "none")
    if missing in ("two_stage", "robust_two_stage"):
        own = (*own, "satorra_bentler")
    elif "cluster" in given and default == "standard":
        own = (*own, "yuan_bentler_mplus")
    tests = tuple(dict.fromkeys((default, *own)))
    discrepancy = ESTIMATORS[name].discrepancy
    refused = SCALED_TESTS if discrepancy in ("GLS", "WLS") else ("yuan_bentler", "yuan_bentler_mplus")
    wrong = next((one for one in tests if one in refused), None)
    if wrong and discrepancy != "ML":
        raise OptionError(f"test = '{wrong}' is not for estimator {name}")
    test = next((one for one in (default, *own) if one in SCALED_TESTS), None)
    if test is None:
        test = default if not own or own[0].startswith("browne") else own[0]
    return tests, test


def _information(
    name: str, missing: str, se: str, given: _Given
) -> Literal["expected", "observed", "first_order"]:
    if se == "first_order" or (name == "MLF" and "se" not in given):
        return "first_order"
    if missing not in ("listwise", "pairwise"):
        return "observed"
    if se in ("robust_huber_white", "robust_cluster", "bootstrap"):
        return "observed"
    return "expected"
