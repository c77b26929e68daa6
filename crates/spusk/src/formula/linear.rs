//! Small dense matrices: linear equations and the eigenvalues of symmetric ones.

/// Solves `a·x = b` for `a[n, n]` by elimination with pivots; `None` if a pivot vanishes.
pub(crate) fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&i, &j| a[i * n + column].abs().total_cmp(&a[j * n + column].abs()))?;
        let value = a[pivot * n + column];
        if value == 0.0 || !value.is_finite() {
            return None;
        }
        for j in 0..n {
            a.swap(column * n + j, pivot * n + j);
        }
        b.swap(column, pivot);
        for row in column + 1..n {
            let factor = a[row * n + column] / a[column * n + column];
            for j in column..n {
                a[row * n + j] -= factor * a[column * n + j];
            }
            b[row] -= factor * b[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|j| a[row * n + j] * b[j]).sum();
        b[row] = (b[row] - known) / a[row * n + row];
    }
    b.iter().all(|x| x.is_finite()).then_some(b)
}

/// Eigenvalues of a symmetric `a[n, n]`, rising. Empty if a number is not finite.
pub(crate) fn eigenvalues(a: &[f64], n: usize) -> Vec<f64> {
    eigenvectors(a, n).0
}

/// Eigenvalues of a symmetric `a[n, n]`, rising, and their vectors of length 1: Jacobi 1846. Empty if a
/// number is not finite.
pub(crate) fn eigenvectors(a: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    if a.iter().any(|x| !x.is_finite()) {
        return (Vec::new(), Vec::new());
    }
    let mut a = a.to_vec();
    let mut turned: Vec<f64> = (0..n * n).map(|k| f64::from(u8::from(k / n == k % n))).collect();
    for _ in 0..60 {
        let off: f64 = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i * n + j].powi(2))
            .sum();
        let all: f64 = a.iter().map(|x| x * x).sum();
        if off <= 1e-30 * all || off == 0.0 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut turned, n, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[i * n + i].total_cmp(&a[j * n + j]));
    let values = order.iter().map(|&i| a[i * n + i]).collect();
    let vectors = order.iter().map(|&i| (0..n).map(|k| turned[k * n + i]).collect()).collect();
    (values, vectors)
}

/// Turns the plane of two axes so that their common entry becomes 0.
fn rotate(a: &mut [f64], turned: &mut [f64], n: usize, p: usize, q: usize) {
    let common = a[p * n + q];
    if common == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * common);
    let sign = if theta < 0.0 { -1.0 } else { 1.0 };
    let t = if theta.is_infinite() { 0.0 } else { sign / (theta.abs() + theta.hypot(1.0)) };
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for columns in [&mut *a, turned] {
        for k in 0..n {
            let (x, y) = (columns[k * n + p], columns[k * n + q]);
            (columns[k * n + p], columns[k * n + q]) = (c * x - s * y, s * x + c * y);
        }
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
    }
}

/// √Σx².
pub(crate) fn norm(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |all: f64, x| all.hypot(*x))
}

/// The distance of two points.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |all: f64, (a, b)| all.hypot(a - b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_and_eigenvalues_are_exact_on_small_cases() {
        assert_eq!(solve(vec![0.0, 2.0, 1.0, 1.0], vec![4.0, 5.0]), Some(vec![3.0, 2.0]));
        assert_eq!(solve(vec![1.0, 1.0, 1.0, 1.0], vec![1.0, 2.0]), None);
        // The second difference matrix of size n has the eigenvalues 2 − 2·cos(kπ/(n+1)).
        let n = 6;
        let entry = |i: usize, j: usize| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let a: Vec<f64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
        for (k, got) in eigenvalues(&a, n).into_iter().enumerate() {
            let want = 2.0 - 2.0 * ((k + 1) as f64 * std::f64::consts::PI / 7.0).cos();
            assert!((got - want).abs() < 1e-14, "{got} {want}");
        }
        let (values, vectors) = eigenvectors(&a, n);
        for (value, v) in values.iter().zip(&vectors) {
            assert!((norm(v) - 1.0).abs() < 1e-13);
            for i in 0..n {
                let product: f64 = (0..n).map(|j| a[i * n + j] * v[j]).sum();
                assert!((product - value * v[i]).abs() < 1e-13);
            }
        }
        assert!(eigenvalues(&[f64::NAN], 1).is_empty());
    }
}
