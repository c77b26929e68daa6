"""Formulas beside SymPy: gradients of 200 formulas as functions, critical points of 50 polynomials.

    python3 benches/agreement_sympy.py [path of the binary spusk]

Without SymPy it says so and ends well.
"""

import json
import random
import subprocess
import sys

try:
    import sympy
except ImportError:
    print("SymPy is not installed; nothing is compared")
    sys.exit(0)

SPUSK = sys.argv[1] if len(sys.argv) > 1 else "spusk"
VARIABLES = ["x", "y", "z"]
FUNCTIONS = ["sin", "cos", "exp", "log", "sqrt", "tanh", "atan", "sinh", "cosh", "asinh", "abs"]
# sympify would read these names as something else
NAMES = {name: sympy.Symbol(name, real=True) for name in VARIABLES}


def ask(formula, *more):
    """What spusk says of a formula."""
    command = [SPUSK, "minimize", formula, "--format", "json", "--max-steps", "5", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{formula}: {done.stderr}")
    return json.loads(done.stdout)


def random_formula(dice, depth):
    """A formula that is defined on positive numbers."""
    if depth == 0:
        return dice.choice(VARIABLES + [str(dice.randint(1, 9)), f"{dice.uniform(0.1, 3):.2f}"])
    kind = dice.randint(0, 6)
    a, b = (random_formula(dice, depth - 1) for _ in range(2))
    if kind == 0:
        return f"({a} + {b})"
    if kind == 1:
        return f"({a} - {b})"
    if kind == 2:
        return f"({a})*({b})"
    if kind == 3:
        return f"({a})/(1 + ({b})^2)"
    if kind == 4:
        return f"({a})^{dice.randint(2, 4)}"
    function = dice.choice(FUNCTIONS)
    if function in ("log", "sqrt"):
        return f"{function}(1 + ({a})^2)"
    if function in ("exp", "sinh", "cosh"):
        return f"{function}(-tanh({a}))"
    return f"{function}({a})"


def compare_gradients(count):
    """The largest relative difference of gradients at random points."""
    dice = random.Random(4)
    worst, compared, points = 0.0, 0, 0
    while compared < count:
        formula = random_formula(dice, dice.randint(1, 4))
        expression = sympy.sympify(formula.replace("^", "**"), locals=NAMES)
        said = ask(formula)
        for name, text in zip(said["variables"], said["gradient"]):
            ours = sympy.sympify(text, locals=NAMES)
            theirs = sympy.diff(expression, NAMES[name])
            for _ in range(5):
                at = {NAMES[v]: sympy.Float(dice.uniform(0.3, 2.0), 40) for v in VARIABLES}
                a, b = (complex(e.subs(at).evalf(30)) for e in (ours, theirs))
                difference = abs(a - b) / (1 + abs(b))
                assert difference < 1e-9, f"{formula}: ∂/∂{name} is {theirs}, spusk says {text}"
                worst = max(worst, difference)
                points += 1
        compared += 1
    print(f"gradients of {compared} formulas at {points} points: largest relative difference {worst:.1e}")


def compare_roots(count):
    """Critical points of polynomials of degree up to 9 against exact roots, with multiplicities."""
    dice = random.Random(5)
    x = NAMES["x"]
    worst, roots = 0.0, 0
    for i in range(count):
        slope = sympy.Integer(dice.choice([-3, -2, -1, 1, 2, 3]))
        for _ in range(dice.randint(1, 4)):
            a, b = dice.randint(-6, 6), dice.randint(1, 6)
            factor = dice.choice([x - sympy.Rational(a, b), x**2 - b, x**2 + a * x + b])
            slope *= factor ** dice.choice([1, 1, 1, 2, 3])
        polynomial = sympy.integrate(sympy.expand(slope), x)
        exact = sympy.Poly(sympy.expand(slope), x)
        want = {}
        for root in sympy.real_roots(exact):
            want[root] = want.get(root, 0) + 1
        said = ask(str(polynomial).replace("**", "^"))
        got = said["critical_points"]
        assert said["all_critical_points"]
        assert len(got) == len(want), f"{polynomial}: {got}, expected {want}"
        for point, (root, multiplicity) in zip(got, sorted(want.items(), key=lambda p: p[0].evalf(30))):
            value = float(root.evalf(30))
            difference = abs(point["at"]["x"] - value) / (1 + abs(value))
            assert difference < 1e-15 and point["multiplicity"] == multiplicity, (polynomial, point)
            near = sympy.Rational(1, 10**6)
            left, right = (sympy.sign(slope.subs(x, root.evalf(40) + s * near)) for s in (-1, 1))
            kinds = {(-1, 1): "minimum", (1, -1): "maximum"}
            kind = kinds.get((int(left), int(right)), "inflection")
            assert point["kind"] == kind, (polynomial, point, kind)
            worst = max(worst, difference)
            roots += 1
    print(f"critical points of {count} polynomials ({roots} points): largest difference {worst:.1e}")


compare_gradients(200)
compare_roots(50)
