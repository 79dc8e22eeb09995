"""The grammar of model text as a table: what each line means, and where each fault is said to be."""

from __future__ import annotations

import math

import pytest

from research.errors import ModelError
from research.model.modifiers import Modifiers
from research.model.syntax import Block, parse

NAN = math.nan


def spelled(text: str) -> list[str]:
    return [f"{row.lhs} {row.op} {row.rhs}".strip() for row in parse(text).rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        # operators
        ("f =~ x1 + x2", ["f =~ x1", "f =~ x2"]),
        ("y ~ x + z", ["y ~ x", "y ~ z"]),
        ("x ~~ y + z", ["x ~~ y", "x ~~ z"]),
        ("x ~~ x", ["x ~~ x"]),
        ("c <~ x1 + x2", ["c <~ x1", "c <~ x2"]),
        ("u | t1 + t2", ["u | t1", "u | t2"]),
        ("u ~*~ u", ["u ~*~ u"]),
        # intercepts
        ("y ~ 1", ["y ~1"]),
        ("y~1", ["y ~1"]),
        ("y ~ 1 + x", ["y ~1", "y ~ x"]),
        ("y ~ x + 1", ["y ~ x", "y ~1"]),
        ("y ~ 0 + x", ["y ~1", "y ~ x"]),
        # several variables on the left
        ("a + b ~ x + z", ["a ~ x", "a ~ z", "b ~ x", "b ~ z"]),
        ("x1 + x2 ~~ x3 + x4", ["x1 ~~ x3", "x1 ~~ x4", "x2 ~~ x3", "x2 ~~ x4"]),
        ("x1 + x2 ~ 1", ["x1 ~1", "x2 ~1"]),
        # statements and lines
        ("f =~ x1; g =~ x2", ["f =~ x1", "g =~ x2"]),
        ("f =~ x1;;\n\n;g =~ x2\n", ["f =~ x1", "g =~ x2"]),
        ("f =~ x1 +\n  x2\n  + x3", ["f =~ x1", "f =~ x2", "f =~ x3"]),
        ("f =~\n x1", ["f =~ x1"]),
        ("f =~ c(1,\n 2)*x1", ["f =~ x1"]),
        ("f =~ x1\r\ny ~ f\r\n", ["f =~ x1", "y ~ f"]),
        ("\tf\t=~\tx1\u3000+ x2", ["f =~ x1", "f =~ x2"]),
        # comments
        ("# title\nf =~ x1 # first\n! Mplus style\n", ["f =~ x1"]),
        ("f =~ x1 + # goes on\n x2", ["f =~ x1", "f =~ x2"]),
        ("f =~ x1 + x2 ! and\n # nothing\n + x3", ["f =~ x1", "f =~ x2", "f =~ x3"]),
        # names
        ("Sent.Completion ~ x_1", ["Sent.Completion ~ x_1"]),
        (".hidden ~ x..y", [".hidden ~ x..y"]),
        ("满意 =~ 题1 + 题2", ["满意 =~ 题1", "满意 =~ 题2"]),
        ("é ~ ß", ["é ~ ß"]),
        ("\"item 1\" ~ 'x-2'", ["item 1 ~ x-2"]),
        ("y ~ x:z + x", ["y ~ x:z", "y ~ x"]),
        # the same term again in one formula adds a modifier, not a row
        ("f =~ x1 + x2 + a*x2 + start(.5)*x2", ["f =~ x1", "f =~ x2"]),
    ],
)
def test_rows(text: str, rows: list[str]) -> None:
    assert spelled(text) == rows


@pytest.mark.parametrize(
    ("term", "modifiers"),
    [
        ("x", Modifiers()),
        ("1*x", Modifiers(fixed=(1.0,))),
        ("-1*x", Modifiers(fixed=(-1.0,))),
        (".5*x", Modifiers(fixed=(0.5,))),
        ("1e-3*x", Modifiers(fixed=(0.001,))),
        ("(1/4)*x", Modifiers(fixed=(0.25,))),
        ("sqrt(4)*x", Modifiers(fixed=(2.0,))),
        ("2^3*x", Modifiers(fixed=(8.0,))),
        ("a*x", Modifiers(label=("a",))),
        ('"a"*x', Modifiers(label=("a",))),
        ("'a'*x", Modifiers(label=("a",))),
        ('label("a")*x', Modifiers(label=("a",))),
        ("start(0.7)*x", Modifiers(start=(0.7,))),
        ("start(-0.7)*x", Modifiers(start=(-0.7,))),
        ("0.7?x", Modifiers(start=(0.7,))),
        ("lower(0)*x", Modifiers(lower=(0.0,))),
        ("upper(2)*x", Modifiers(upper=(2.0,))),
        ("lower(-Inf)*x", Modifiers(lower=(-math.inf,))),
        ('equal("f=~y")*x', Modifiers(equal=("f=~y",))),
        ('equal("f =~ y")*x', Modifiers(equal=("f=~y",))),
        ("c(1, 2)*x", Modifiers(fixed=(1.0, 2.0))),
        ("c(a, b)*x", Modifiers(label=("a", "b"))),
        ("c('a', \"b\")*x", Modifiers(label=("a", "b"))),
        ("c(a, a)*x", Modifiers(label=("a", "a"))),
        ("c(1, a)*x", Modifiers(fixed=(1.0, None), label=("", "a"))),
        ("c(-1, 1/2)*x", Modifiers(fixed=(-1.0, 0.5))),
        ("start(c(1, 2))*x", Modifiers(start=(1.0, 2.0))),
        ("start(c(1, NA))*x", Modifiers(start=(1.0, None))),
        ("lower(c(0, 1))*x", Modifiers(lower=(0.0, 1.0))),
        ("a*start(.5)*x", Modifiers(start=(0.5,), label=("a",))),
        ("0.5*x + a*x", Modifiers(fixed=(0.5,), label=("a",))),
        ("1*a*lower(0)*x", Modifiers(fixed=(1.0,), label=("a",), lower=(0.0,))),
    ],
)
def test_modifiers(term: str, modifiers: Modifiers) -> None:
    (row,) = parse(f"f =~ {term}").rows
    assert row.modifiers == modifiers


def test_na_frees() -> None:
    (row,) = parse("f =~ NA*x").rows
    assert len(row.modifiers.fixed) == 1
    assert row.modifiers.fixed[0] is not None
    assert math.isnan(row.modifiers.fixed[0])
    (row,) = parse("f =~ c(NA, 1)*x").rows
    assert row.modifiers.fixed[1] == 1.0


def test_intercepts_take_modifiers() -> None:
    fixed, labelled, free = parse("x ~ 2*1\ny ~ a*1\nz ~ NA*1").rows
    assert fixed.op == labelled.op == free.op == "~1"
    assert fixed.modifiers == Modifiers(fixed=(2.0,))
    assert labelled.modifiers == Modifiers(label=("a",))
    assert parse("y ~ 0").rows[0].modifiers == Modifiers(fixed=(0.0,))


def test_exploratory_blocks() -> None:
    rows = parse('efa("a")*f1 + efa("a")*f2 =~ x1 + x2').rows
    assert [(row.lhs, row.rhs, row.modifiers.efa) for row in rows] == [
        ("f1", "x1", "a"),
        ("f1", "x2", "a"),
        ("f2", "x1", "a"),
        ("f2", "x2", "a"),
    ]


def test_groups_and_levels() -> None:
    model = parse('x ~~ y\ngroup: 1\nf =~ x\ngroup: "girls"\nlevel: within\nf =~ y\nlevel: 2\nf =~ z')
    assert [model.blocks[row.block] for row in model.rows] == [
        Block(),
        Block("1", ""),
        Block("girls", "within"),
        Block("girls", "2"),
    ]


def test_definitions_and_constraints() -> None:
    model = parse("y ~ a*x + b*z\nab := a *\n  b\nratio := ab / (a + b)^2\na == 2*b\na > 0; b < 1")
    assert [(one.name, one.expression.text) for one in model.definitions] == [
        ("ab", "a*b"),
        ("ratio", "ab/(a+b)^2"),
    ]
    assert [(one.left.text, one.op, one.right.text) for one in model.relations] == [
        ("a", "==", "2*b"),
        ("a", ">", "0"),
        ("b", "<", "1"),
    ]
    assert [row.rhs for row in model.rows] == ["x", "z"]
    signs = parse("y ~ a*x\nb := 2\n  - a\n-a < 1")
    assert [one.expression.text for one in signs.definitions] == ["2-a"]
    assert [one.left.text for one in signs.relations] == ["-a"]


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("f =~ x1 + + x3", 1, 11, "expected a term before this +"),
        ("f =~ x1\ng ~", 2, 3, "expected something on the right of ~"),
        ("f =~ x1 +", 1, 9, "expected a term after this +"),
        ("f =~ + x1", 1, 6, "expected a term before this +"),
        ("=~ x1", 1, 1, "expected a name on the left of =~"),
        ("f x1", 1, 3, "expected an operator"),
        ("f", 1, 1, "expected an operator"),
        ("f =~ x1 x2", 1, 9, "expected + or an operator before 'x2'"),
        ("f =~ x1 ~ x2", 1, 9, "second operator"),
        ("f = x1", 1, 3, "=~ measures, ~ regresses"),
        ("a >= 0", 1, 3, "includes equality"),
        ("f =~ a*", 1, 7, "expected a name after this *"),
        ("f =~ *x1", 1, 6, "expected a modifier before this *"),
        ("f =~ a**x1", 1, 7, "expected a name, but found '**'"),
        ("f =~ c(1, 2*x1", 1, 7, "this '(' is never closed"),
        ("f =~ c(1,)*x1", 1, 10, "an argument of c() is missing"),
        ("f =~ c(1))*x1", 1, 10, "this ')' closes nothing"),
        ("f =~ x1 - x2", 1, 9, "expected a name, but found '-'"),
        ("f =~ 2x", 1, 6, "a name cannot begin with a digit"),
        ("f =~ 5", 1, 6, "expected a name, but found '5'"),
        ("f =~ strat(1)*x", 1, 6, "Did you mean start?"),
        ("f =~ rv('s')*x", 1, 6, "not supported"),
        ("f =~ start(a)*x", 1, 12, "'a' is a name"),
        ("f =~ (1/0)*x", 1, 6, "not a finite number"),
        ("f =~ log(x1)", 1, 6, "expected * and a name after log(x1)"),
        ("y ~~ 1", 1, 6, "expected a name on the right of ~~"),
        ("f =~ 1", 1, 6, "expected a name on the right of =~"),
        ("f =~ 0 + x1", 1, 6, "0 stands alone after =~"),
        ("f =~ 1*0", 1, 8, "expected a name on the right of =~"),
        ("a*f =~ x", 1, 1, "modifiers stand on the right side"),
        ('efa("e")*y ~ x', 1, 1, "modifiers stand on the right side"),
        ("y ~ x\n\ny ~ x", 3, 5, "'y ~ x' stands in line 1 already"),
        ("x ~~ y; y ~~ x", 1, 14, "stands in line 1 already"),
        ("f =~ f", 1, 6, "cannot be measured by itself"),
        ("y ~ y", 1, 5, "cannot be predicted by itself"),
        ("a + b := 2", 1, 1, "one name on the left of :="),
        ("a := 1\na := 2", 2, 1, "'a' is defined twice"),
        ("a := b +* c", 1, 9, "but found '*'"),
        ("a := (b", 1, 6, "never closed"),
        ("a := b)", 1, 7, "before ')'"),
        ("a := b c", 1, 8, "before 'c'"),
        ("a := lgo(b)", 1, 6, "Did you mean log?"),
        ("a := exp()", 1, 10, "but found ')'"),
        ("a == ", 1, 3, "on the right of =="),
        ("groop: 1\nf =~ x", 1, 1, "Did you mean group?"),
        ("group:\nf =~ x", 1, 6, "a name or a number after 'group:'"),
        ("group: 1\nf =~ x\ngroup: 1\nf =~ y", 3, 8, "stands twice"),
        ("class: 1\nf =~ x", 1, 1, "not supported"),
        ("f =~ x1；g =~ x2", 1, 8, "did you mean ';'?"),
        ("f =~ x1 ＋ x2", 1, 9, "did you mean '+'?"),
        ("f =～ x1", 1, 4, "did you mean '~'?"),
        ("f =~ “a”*x1", 1, 6, "did you mean '\"'?"),
        ('f =~ "a*x1', 1, 6, "never closed on its line"),
        ("f =~ x1 @ x2", 1, 9, "'@' has no meaning"),
    ],
)
def test_faults_are_placed(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse(text)
    head, source, caret = str(caught.value).split("\n")
    assert says in head
    assert head.startswith(f"model:{line}:{column}:")
    assert source.strip() == text.split("\n")[line - 1].strip()
    assert caret.index("^") == 4 + column - 1


def test_a_long_sum_and_a_deep_nest_are_no_trouble() -> None:
    assert len(parse("a := " + " + ".join(["b"] * 50_000)).definitions[0].expression.steps) == 99_999
    with pytest.raises(ModelError, match="parentheses inside one another"):
        parse("a := " + "(" * 5000 + "b" + ")" * 5000)
    with pytest.raises(ModelError, match="powers inside one another"):
        parse("a := " + "^".join(["b"] * 5000))
