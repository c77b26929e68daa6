//! The sets that are not built in: generated ones, and parts of real ones.

use std::path::Path;

use crate::Failure;

/// Writes every set that is not built in.
pub(crate) fn write(data: &Path, folder: &Path) -> Result<(), Failure> {
    write_tables(folder)?;
    write_texts(folder)?;
    write_shapes(folder)?;
    write_parts(data, folder)
}

/// Where a set is; none if it is not there.
pub(crate) fn source(set: &str, folder: &Path) -> Option<String> {
    if ["digits", "iris", "spirals", "moons"].contains(&set) {
        return Some(set.into());
    }
    let paths = ["", ".csv", ".tsv"].map(|ending| folder.join(format!("{set}{ending}")));
    paths.iter().find(|path| path.exists()).map(|path| path.display().to_string())
}

/// Numbers from 0 to 1, the same ones every time.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About a normal number.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Sets that are not built in.
fn write_tables(folder: &Path) -> Result<(), Failure> {
    let mut draw = Draw(1);
    let mut write =
        |name: &str, rows: usize, header: &str, row: &mut dyn FnMut(&mut Draw) -> String| {
            let lines: Vec<String> = (0..rows).map(|_| row(&mut draw)).collect();
            std::fs::write(
                folder.join(format!("{name}.csv")),
                format!("{header}\n{}\n", lines.join("\n")),
            )
        };
    write("wave", 800, "a,b,y", &mut |d| {
        let (a, b) = (d.normal(), d.normal());
        format!("{a},{b},{}", (2.0 * a).sin() + 0.5 * b + 0.05 * d.normal())
    })?;
    write("plane", 600, "a,b,c,d,y", &mut |d| {
        let x: Vec<f64> = (0..4).map(|_| d.normal()).collect();
        let y = x[0] - 2.0 * x[1] + 0.5 * x[2] * x[3] + 0.1 * d.normal();
        format!("{},{},{},{},{y}", x[0], x[1], x[2], x[3])
    })?;
    write("units", 600, "grams,share,count,kind", &mut |d| {
        let (a, b, c) = (d.normal(), d.normal(), d.normal());
        let kind = if a + b - c + 0.3 * d.normal() > 0.0 { "yes" } else { "no" };
        format!("{},{},{},{kind}", 5000.0 + 2000.0 * a, 0.5 + 0.1 * b, 20.0 + 5.0 * c)
    })?;
    write("money", 600, "income,rate,years,price", &mut |d| {
        let (a, b, c) = (d.normal(), d.normal(), d.normal());
        format!("{},{},{},{}", 60_000.0 + 2e4 * a, 0.05 + 0.02 * b, 10.0 + 3.0 * c, a - b + 0.5 * c)
    })?;
    write("noisy", 400, "a,b,c,d,e,f,g,h,kind", &mut |d| {
        let x: Vec<f64> = (0..8).map(|_| d.normal()).collect();
        let kind = if x[0] + x[1] + 1.5 * d.normal() > 0.0 { "yes" } else { "no" };
        let cells: Vec<String> = x.iter().map(f64::to_string).collect();
        format!("{},{kind}", cells.join(","))
    })?;
    write("random", 2000, "a,b,c,kind", &mut |d| {
        let kind = if d.next() > 0.5 { "yes" } else { "no" };
        format!("{},{},{},{kind}", d.normal(), d.normal(), d.normal())
    })?;
    Ok(())
}

/// Short texts of made-up words, of which a tenth speaks for a class; a class is what most of these say.
fn write_texts(folder: &Path) -> Result<(), Failure> {
    let mut draw = Draw(2);
    for (name, wrong) in [("words", 0.0), ("wrong words", 0.25)] {
        let mut text = String::from("kind\ttext\n");
        for _ in 0..600 {
            let (mut words, mut balance) = (Vec::new(), 0);
            while words.len() < 8 || balance == 0 {
                let word = (300.0 * draw.next().powi(2)) as usize;
                balance += match word % 10 {
                    3 => 1,
                    7 => -1,
                    _ => 0,
                };
                words.push(format!("w{word}"));
            }
            let kind = if (balance > 0) != (draw.next() < wrong) { "yes" } else { "no" };
            text += &format!("{kind}\t{}\n", words.join(" "));
        }
        std::fs::write(folder.join(format!("{name}.tsv")), text)?;
    }
    Ok(())
}

/// Squares, crosses, rings and stripes of 14 × 14 pixels, in noise.
fn write_shapes(folder: &Path) -> Result<(), Failure> {
    let mut draw = Draw(3);
    for (name, wrong) in [("shapes", 0.0), ("wrong shapes", 0.4)] {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..600 {
            let kind = (4.0 * draw.next()) as u8;
            let [x, y] = [0, 0].map(|_| 4.0 + 5.0 * draw.next());
            let size = 2.5 + 1.5 * draw.next();
            for at in 0..SIDE * SIDE {
                let (dx, dy) = ((at % SIDE) as f64 - x, (at / SIDE) as f64 - y);
                let near = dx.abs().max(dy.abs()) <= size;
                let drawn = match kind {
                    0 => near,
                    1 => near && dx.abs().min(dy.abs()) < 1.0,
                    2 => (dx.hypot(dy) - size).abs() < 0.8,
                    _ => near && (dy.round() as i64).rem_euclid(3) == 0,
                };
                let light = f64::from(u8::from(drawn)) * 150.0 + 40.0 + 25.0 * draw.normal();
                pixels.push(light.clamp(0.0, 255.0) as u8);
            }
            labels.push(if draw.next() < wrong { (4.0 * draw.next()) as u8 } else { kind });
        }
        write_idx(&folder.join(name), "train", &pixels, SIDE, &labels)?;
    }
    Ok(())
}

const SIDE: usize = 14;

/// The first rows of MNIST and of the spam collection, where they are.
fn write_parts(data: &Path, folder: &Path) -> Result<(), Failure> {
    let spam = data.join("sms_spam/SMSSpamCollection");
    if spam.exists() {
        let text = std::fs::read_to_string(&spam)?;
        let lines: Vec<&str> = text.lines().take(600).collect();
        std::fs::write(folder.join("spam.tsv"), lines.join("\n"))?;
    }
    let unpacked = |name: &str, size: usize| -> Result<Vec<u8>, Failure> {
        let file = std::fs::File::open(data.join("mnist").join(name))?;
        let mut bytes = vec![0; size];
        std::io::Read::read_exact(&mut flate2::read::GzDecoder::new(file), &mut bytes)?;
        Ok(bytes)
    };
    if data.join("mnist").exists() {
        let pixels = unpacked("train-images-idx3-ubyte.gz", 16 + DIGITS * 28 * 28)?;
        let labels = unpacked("train-labels-idx1-ubyte.gz", 8 + DIGITS)?;
        // Every second pixel of every second row: half as high and wide.
        let half = (0..DIGITS * 14 * 14).map(|at| {
            let (digit, y, x) = (at / 196, at / 14 % 14, at % 14);
            pixels[16 + digit * 784 + y * 56 + x * 2]
        });
        write_idx(
            &folder.join("small mnist"),
            "train",
            &half.collect::<Vec<u8>>(),
            14,
            &labels[8..],
        )?;
        write_idx(&folder.join("mnist"), "train", &pixels[16..], 28, &labels[8..])?;
    }
    Ok(())
}

const DIGITS: usize = 800;

fn write_idx(
    folder: &Path,
    part: &str,
    pixels: &[u8],
    side: usize,
    labels: &[u8],
) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let header = |sizes: &[usize]| -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|&size| (size as u32).to_be_bytes()));
        bytes
    };
    let images = [header(&[labels.len(), side, side]), pixels.to_vec()].concat();
    std::fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images)?;
    let labels = [header(&[labels.len()]), labels.to_vec()].concat();
    std::fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels)?;
    Ok(())
}
