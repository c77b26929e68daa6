//! Eigenvalues of small symmetric matrices, and what the methods for large ones need.

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
