use super::Numbers;

/// A random `rows` × `columns` matrix, row-major, whose rows or columns (whichever are fewer) are
/// orthonormal: normal draws, made orthogonal one after the other.
pub(super) fn orthogonal(rows: usize, columns: usize, numbers: &Numbers) -> Vec<f64> {
    let (count, size) = (rows.min(columns), rows.max(columns));
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    for i in 0..count {
        let draw = |j| numbers.normal((i * size + j) as u64);
        let mut vector: Vec<f64> = (0..size).map(draw).collect();
        // Twice is enough: Giraud, Langou & Rozložník 2005.
        for _ in 0..2 {
            for earlier in &vectors {
                let along = dot(earlier, &vector);
                vector.iter_mut().zip(earlier).for_each(|(x, e)| *x -= along * e);
            }
        }
        let length = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|x| *x /= length);
        vectors.push(vector);
    }
    let element = |row: usize, column: usize| match rows <= columns {
        true => vectors[row][column],
        false => vectors[column][row],
    };
    (0..rows * columns).map(|i| element(i / columns, i % columns)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_side_is_orthonormal() {
        let numbers = Numbers::new(3, "w");
        for (rows, columns) in [(5, 5), (3, 8), (8, 3), (1, 4), (40, 30)] {
            let m = orthogonal(rows, columns, &numbers);
            let count = rows.min(columns);
            let vector = |i: usize| -> Vec<f64> {
                match rows <= columns {
                    true => m[i * columns..(i + 1) * columns].to_vec(),
                    false => (0..rows).map(|r| m[r * columns + i]).collect(),
                }
            };
            for (i, j) in (0..count).flat_map(|i| (0..count).map(move |j| (i, j))) {
                let want = f64::from(i == j);
                assert!((dot(&vector(i), &vector(j)) - want).abs() < 1e-12, "{rows} {columns}");
            }
        }
    }
}
