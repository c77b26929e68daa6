//! Reading, writing and differentiating, in tables.

use super::*;

fn parse(source: &str) -> Formula {
    Formula::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

#[test]
fn gradients_as_a_person_writes_them() {
    for (source, want) in [
        ("2*x*y^3 + 3*z^2", &["2*y^3", "6*x*y^2", "6*z"][..]),
        ("x^2", &["2*x"]),
        ("x^3 - 3*x", &["3*x^2 - 3"]),
        ("(x-1)^2 + 100*(y-x^2)^2", &["2*x - 400*x*(y - x^2) - 2", "200*y - 200*x^2"]),
        ("sin(x)*cos(x)", &["cos(x)^2 - sin(x)^2"]),
        ("x*exp(-x)", &["(1 - x)*exp(-x)"]),
        ("x/(1+x^2)", &["(1 - x^2)/(x^2 + 1)^2"]),
        ("ln(x)", &["1/x"]),
        ("sqrt(x)", &["1/(2*sqrt(x))"]),
        ("x^x", &["x^x*(log(x) + 1)"]),
        ("0.1*x^2", &["0.2*x"]),
        ("x^2/3", &["2*x/3"]),
        ("exp(x^2)", &["2*x*exp(x^2)"]),
        ("tanh(x)", &["1 - tanh(x)^2"]),
        ("abs(x)", &["sign(x)"]),
        ("sin(x)^2 + cos(x)^2", &["0"]),
        ("exp(y) + z - z", &["exp(y)", "0"]),
        ("2^x", &["2^x*log(2)"]),
        ("7", &[]),
    ] {
        assert_eq!(parse(source).gradient_text(), want, "{source}");
    }
}

#[test]
fn formulas_as_people_and_programs_read_them() {
    for (source, pretty, plain) in [
        ("2x*y^3 + 3z²", "2xy³ + 3z²", "2*x*y^3 + 3*z^2"),
        ("−x**2", "−x²", "-x^2"),
        ("1-x^2", "1 − x²", "1 - x^2"),
        ("sqrt(x^2)", "|x|", "abs(x)"),
        ("exp(ln(x))", "x", "x"),
        ("1/(2*x)", "1/(2x)", "1/(2*x)"),
        ("(x+1)(x-1)", "(x − 1)(x + 1)", "(x - 1)*(x + 1)"),
        ("sin(pi*x)", "sin(πx)", "sin(pi*x)"),
        ("rate*time", "rate·time", "rate*time"),
        ("x^-2", "1/x²", "1/x^2"),
        ("e^x", "exp(x)", "exp(x)"),
        ("x^(1/3)", "x^(1/3)", "x^(1/3)"),
        ("(-2)^x", "(−2)^x", "(-2)^x"),
        ("2^-1", "1/2", "1/2"),
        ("0.5*x + 1e-3", "0.5x + 0.001", "0.5*x + 0.001"),
        ("x - (y - 1)", "x − y + 1", "x - y + 1"),
        ("-2^2", "−4", "-4"),
        ("2^3^2", "512", "512"),
    ] {
        let f = parse(source);
        assert_eq!(f.expr().to_text(f.style(true)), pretty, "{source}");
        assert_eq!(f.expr().to_text(f.style(false)), plain, "{source}");
    }
}

#[test]
fn errors_point_at_the_place() {
    for (source, want) in [
        ("", "the formula is empty"),
        (
            "2*x + *y",
            "column 7: expected a number, a name or a parenthesis, got \"*\"\n  2*x + *y\n        ^",
        ),
        ("2*x +", "column 6: expected a number, a name or a parenthesis, got the end"),
        ("(x + 1", "column 1: this parenthesis is never closed"),
        ("x + 1)", "column 6: expected an operator (+ - * / ^) or the end, got \")\""),
        ("sinn(x)", "column 1: unknown function sinn; did you mean sin?"),
        ("f(x)", "column 1: unknown function f; for a product write f*(…)"),
        ("sin x", "column 1: the function sin needs its argument in parentheses: sin(x)"),
        ("1/0", "column 2: division by zero"),
        ("1/(x-x)", "column 2: division by zero"),
        ("0^-1", "column 2: division by zero"),
        ("x # 1", "column 3: \"#\" has no meaning here"),
        ("1e999", "column 1: \"1e999\" is no number"),
        ("max(1)", "column 1: max takes arguments: 2, got 1"),
        ("x y", "column 3: expected an operator"),
        ("a+b+c+d+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v", "the formula has 21 variables; at most 20"),
    ] {
        let error = Formula::parse(source).expect_err(source).to_string();
        assert!(error.starts_with(want), "{source}: {error}");
    }
    let error = Formula::parse("2*x + *y").expect_err("a sign too many");
    assert!(error.in_language(crate::messages::Language::Russian).starts_with("позиция 7"));
}

/// Formulas of every function, each smooth on the numbers 0.3 to 0.9.
pub(crate) const SMOOTH: &[&str] = &[
    "sin(x)*cos(y)",
    "tan(x)/y",
    "asin(x)+acos(y)",
    "atan(x*y)",
    "sinh(x)-cosh(y)",
    "tanh(x+y)",
    "asinh(x)*y",
    "acosh(1+x+y)",
    "atanh(x*y)",
    "log(x)+log2(y)+log10(x*y)",
    "abs(x)*y",
    "cbrt(x)*y^2",
    "sqrt(x+y^2)",
    "x^y",
    "y^x*2^x",
    "exp(-x^2-y^2)*x",
    "1/(x^2+y^2)",
    "x/(1+y)^3+y/(1+x)^2",
    "(x+y)^5*(x-y)",
    "sigmoid(x)*softplus(y)",
    "max(x,2*y)+min(x,y)",
    "cot(x)*sec(y)*csc(x)",
    "x^2.5*y^-1.5",
    "(x*y)^(1/3)",
    "log(1+exp(x*y))",
    "sin(cos(tan(x)))*y",
    "pow(x,3)*relu(y)",
    "(1.5-x+x*y)^2+(2.25-x+x*y^2)^2+(2.625-x+x*y^3)^2",
    "x^x^y",
    "sqrt(sqrt(x)+1)/(y+sqrt(2))",
];

#[test]
fn derivatives_are_those_of_differences() {
    for source in SMOOTH {
        let f = parse(source);
        for at in [[0.31, 0.83], [0.52, 0.44], [0.87, 0.35]] {
            let at = &at[..f.variables().len()];
            let h = 1e-5;
            let moved = |i: usize, by: f64| {
                let mut moved = at.to_vec();
                moved[i] += by;
                moved
            };
            for i in 0..at.len() {
                let (after, before) = (moved(i, h), moved(i, -h));
                let slope = (f.value_at(&after) - f.value_at(&before)) / (2.0 * h);
                let got = f.gradient_at(at)[i];
                assert!(
                    (got - slope).abs() < 1e-7 * (1.0 + slope.abs()),
                    "{source} {i}: {got} {slope}"
                );
                for j in 0..at.len() {
                    let up = f.gradient_at(&after)[j];
                    let bend = (up - f.gradient_at(&before)[j]) / (2.0 * h);
                    let got = f.hessian_at(at)[i * at.len() + j];
                    let off = (got - bend).abs();
                    assert!(off < 1e-5 * (1.0 + bend.abs()), "{source} {i} {j}: {got} {bend}");
                }
            }
        }
    }
}

#[test]
fn what_is_written_reads_the_same() {
    for source in SMOOTH {
        let f = parse(source);
        let n = f.variables().len();
        let all = std::iter::once(f.expr()).chain(f.gradient()).chain(f.hessian());
        for e in all {
            let text = e.to_text(f.style(false));
            let back = parse(&text);
            let at = [0.37, 0.71];
            let mine =
                tape::Tape::new(std::slice::from_ref(e), f.variables()).evaluate(&at[..n])[0];
            let kept: Vec<f64> = (back.variables().iter())
                .map(|name| at[f.variables().iter().position(|v| v == name).expect("known")])
                .collect();
            let theirs = back.value_at(&kept);
            assert!((mine - theirs).abs() <= 1e-12 * (1.0 + mine.abs()), "{source}: {text}");
        }
    }
}

#[test]
fn hostile_formulas_end_soon() {
    let deep = |n: usize| format!("{}x{}", "(".repeat(n), ")".repeat(n));
    let tower = |n: usize| vec!["x"; n].join("^");
    let nested = |n: usize| format!("{}x{}", "sin(".repeat(n), ")".repeat(n));
    for source in [
        deep(5000),
        deep(90),
        "-".repeat(9000) + "x",
        tower(90),
        tower(3000),
        nested(90),
        "x+".repeat(4999) + "x",
        "(x+y)*".repeat(1500) + "1",
        "x^1000000000".into(),
        "9^9^9^9^9".into(),
        "2^100000^3".into(),
        "x^".repeat(2000),
        "1e308*1e308".into(),
        "(x+1)^1000".into(),
        "((x+y+z+w)^8)^8*(x+1)^8".into(),
        "\u{0}\u{1}".into(),
        "ййй + 漢字".into(),
        "1/(1/(1/(1/(1/x))))".into(),
        "exp(".repeat(80) + "x" + &")".repeat(80),
        ".".into(),
        "((((".into(),
        "1e-310".into(),
        "x*".repeat(3000) + "x",
        "(x^2+y^2)^(".repeat(40) + "2" + &")".repeat(40),
    ] {
        let started = std::time::Instant::now();
        if let Ok(f) = Formula::parse(&source) {
            let at = vec![0.5; f.variables().len()];
            let _ = (f.value_at(&at), f.gradient_at(&at), f.hessian_at(&at));
            let _ = (f.gradient_text(), f.hessian_text());
        }
        let short: String = source.chars().take(30).collect();
        assert!(started.elapsed().as_secs_f64() < 10.0, "{short}: {:?}", started.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(source in "[-x-z0-3+*/^(). ,eipsnl²]{0,40}") {
        if let Ok(f) = Formula::parse(&source) {
            let at = vec![0.7; f.variables().len()];
            let _ = (f.value_at(&at), f.gradient_at(&at), f.hessian_at(&at), f.hessian_text());
        }
    }
}
