//! Eigenvalues of symmetric matrices: small ones as they stand, large ones by their products.

pub(crate) mod lanczos;

/// a · b.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Eight sums, so that additions do not wait for each other.
    let mut sums = [0.0; 8];
    let (mut a, mut b) = (a.chunks_exact(8), b.chunks_exact(8));
    for (a, b) in a.by_ref().zip(b.by_ref()) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Takes the parts along orthonormal directions away, twice, so that rounding leaves none.
pub(crate) fn make_orthogonal(vector: &mut [f64], basis: &[Vec<f64>]) {
    for _ in 0..2 {
        for direction in basis {
            let along = dot(vector, direction);
            vector.iter_mut().zip(direction).for_each(|(x, d)| *x -= along * d);
        }
    }
}

/// Eigenvalues, the largest first, and eigenvectors of a symmetric tridiagonal matrix; `below[i]`
/// stands at (i + 1, i).
pub(crate) fn tridiagonal(diagonal: &[f64], below: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = diagonal.len();
    let mut a = vec![vec![0.0; n]; n];
    for i in 0..n {
        a[i][i] = diagonal[i];
        if i + 1 < n {
            (a[i][i + 1], a[i + 1][i]) = (below[i], below[i]);
        }
    }
    symmetric(a)
}

/// Eigenvalues, the largest first, and eigenvectors of a symmetric matrix.
///
/// Jacobi 1846: rotations that make the elements beside the diagonal 0, one after the other, until
/// all are.
pub(crate) fn symmetric(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    // Row j of `v` becomes the eigenvector of a[j][j].
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let whole: f64 = a.iter().flatten().map(|x| x * x).sum();
    for _ in 0..60 {
        let beside: f64 = (0..n).map(|i| a[i][..i].iter().map(|x| x * x).sum::<f64>()).sum();
        if beside <= 1e-30 * whole {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    let values = order.iter().map(|&i| a[i][i]).collect();
    (values, order.iter().map(|&i| v[i].clone()).collect())
}

/// The rotation of axes p and q that makes a[p][q] 0.
fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q].abs() <= f64::MIN_POSITIVE {
        return;
    }
    let half = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = half.signum() / (half.abs() + (1.0 + half * half).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for line in a.iter_mut() {
        let (x, y) = (line[p], line[q]);
        (line[p], line[q]) = (c * x - s * y, s * x + c * y);
    }
    turn(a, p, q, c, s);
    turn(v, p, q, c, s);
}

/// Rows p and q by a rotation.
fn turn(rows: &mut [Vec<f64>], p: usize, q: usize, c: f64, s: f64) {
    let (first, second) = rows.split_at_mut(q);
    for (x, y) in first[p].iter_mut().zip(&mut second[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

/// A symmetric tridiagonal matrix: its diagonal, and what stands below it.
#[derive(Debug, Clone)]
pub(crate) struct Tridiagonal {
    diagonal: Vec<f64>,
    below: Vec<f64>,
}

impl Tridiagonal {
    /// How many eigenvalues lie below a number: Sturm's theorem, by the signs of the pivots of T − x.
    pub(crate) fn count_below(&self, x: f64) -> usize {
        let mut pivot = 1.0_f64;
        let mut count = 0;
        for (i, d) in self.diagonal.iter().enumerate() {
            let beside = if i == 0 { 0.0 } else { self.below[i - 1] };
            // A pivot of 0 would hide the rest.
            let safe = if pivot.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { pivot };
            pivot = d - x - if i == 0 { 0.0 } else { beside * beside / safe };
            count += usize::from(pivot < 0.0);
        }
        count
    }

    /// The smallest and the largest eigenvalue, by bisection.
    pub(crate) fn ends(&self) -> (f64, f64) {
        let n = self.diagonal.len();
        let reach = |i: usize| {
            let beside = |j: usize| self.below.get(j).map_or(0.0, |x| x.abs());
            beside(i) + if i > 0 { beside(i - 1) } else { 0.0 }
        };
        let all = || (0..n).map(|i| (self.diagonal[i] - reach(i), self.diagonal[i] + reach(i)));
        let least = all().fold(f64::INFINITY, |least, ends| least.min(ends.0));
        let most = all().fold(f64::NEG_INFINITY, |most, ends| most.max(ends.1));
        let find = |wanted: usize| {
            let (mut low, mut high) = (least, most);
            for _ in 0..200 {
                let middle = low + (high - low) / 2.0;
                if self.count_below(middle) >= wanted { high = middle } else { low = middle }
            }
            low + (high - low) / 2.0
        };
        (find(1), find(n))
    }
}

/// A symmetric matrix `a[n, n]`, of which the rows below the diagonal count, as a tridiagonal one with the
/// same eigenvalues.
///
/// Householder 1958: reflections, of which the last row goes first. What a reflection changes and the next
/// product with the matrix are one pass over memory.
pub(crate) fn tridiagonalized(mut a: Vec<f64>, n: usize) -> Tridiagonal {
    let (mut diagonal, mut below) = (vec![0.0; n], vec![0.0; n.saturating_sub(1)]);
    let (mut v, mut product) = (vec![0.0; n], vec![0.0; n]);
    for last in (1..n).rev() {
        let row = &a[last * n..last * n + last];
        let length = dot(row, row).sqrt();
        diagonal[last] = a[last * n + last];
        let tip = row[last - 1];
        let end = if tip > 0.0 { -length } else { length };
        below[last - 1] = end;
        v[..last].copy_from_slice(row);
        v[last - 1] -= end;
        let square = dot(&v[..last], &v[..last]);
        if square <= f64::MIN_POSITIVE {
            continue;
        }
        // p = 2·A·v / v², then w = p − (pᵀv / v²)·v and A ← A − v·wᵀ − w·vᵀ.
        product[..last].fill(0.0);
        for i in 0..last {
            let (row, v_i) = (&a[i * n..=i * n + i], v[i]);
            product[i] += dot(&row[..i], &v[..i]) + row[i] * v_i;
            product[..i].iter_mut().zip(row).for_each(|(p, x)| *p += x * v_i);
        }
        let scale = 2.0 / square;
        product[..last].iter_mut().for_each(|p| *p *= scale);
        let along = dot(&product[..last], &v[..last]) / square;
        product[..last].iter_mut().zip(&v).for_each(|(p, x)| *p -= along * x);
        for i in 0..last {
            let (v_i, w_i) = (v[i], product[i]);
            let row = &mut a[i * n..=i * n + i];
            for ((x, v), w) in row.iter_mut().zip(&v).zip(&product) {
                *x -= v_i * w + w_i * v;
            }
        }
    }
    if let (Some(first), Some(corner)) = (diagonal.first_mut(), a.first()) {
        *first = *corner;
    }
    Tridiagonal { diagonal, below }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tridiagonal_form_has_the_same_eigenvalues() {
        for n in [1, 2, 3, 7, 24] {
            let at = |i: usize, j: usize| ((i.max(j) * 31 + i.min(j) * 17) as f64 * 0.7).sin();
            let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| at(i, j)).collect()).collect();
            let (values, _) = symmetric(rows.clone());
            let form = tridiagonalized(rows.concat(), n);
            let (least, most) = form.ends();
            assert!((least - values[n - 1]).abs() < 1e-9 && (most - values[0]).abs() < 1e-9);
            for pair in values.windows(2) {
                let middle = f64::midpoint(pair[0], pair[1]);
                let want = values.iter().filter(|&&value| value < middle).count();
                assert_eq!(form.count_below(middle), want, "{n}");
            }
        }
    }

    #[test]
    fn a_matrix_that_is_diagonal_stays() {
        let form = tridiagonalized(vec![3.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 2.0], 3);
        assert_eq!(form.count_below(0.0), 1);
        assert_eq!(form.count_below(2.5), 2);
    }
}
