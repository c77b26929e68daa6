//! `--task denoise`, `--task upscale`, `spusk enhance`.

use std::path::Path;

use spusk::picture::{Picture, read};

use super::Place;

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

/// Soft shapes with edges, another picture for every number.
fn scene(height: usize, width: usize, channels: usize, number: usize) -> Picture {
    let value = |y: usize, x: usize, channel: usize| {
        let (y, x, shift) = (y as f64 / 7.0, x as f64 / 9.0, (number * 3 + channel) as f64);
        let wave = (y + shift).sin() * (x - shift).cos();
        let edge = f64::from(u8::from((y * 3.0 + x * 2.0 + shift) % 5.0 < 2.0));
        (128.0 + 60.0 * wave + 50.0 * (edge - 0.5)) as u8
    };
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            pixels.extend((0..channels).map(|channel| value(y, x, channel)));
        }
    }
    Picture { height, width, channels, pixels, alpha: None }
}

fn save(place: &Place, name: &str, picture: &Picture) {
    let path = place.path(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes folders");
    std::fs::write(&path, picture.encode(Path::new(name)).expect("encodes")).expect("writes");
}

/// Six pictures in a folder.
pub(super) fn photos(place: &Place, channels: usize) {
    for number in 0..6 {
        let picture = scene(60 + 4 * number, 70, channels, number);
        save(place, &format!("photos/{number}.png"), &picture);
    }
}

const SMALL: &str =
    "--epochs 4 --patches 256 --patch 24 --batch-size 8 --learning-rate 0.005 --format json";

#[test]
fn noise_is_taken_off_and_tiles_do_not_show() {
    let place = Place::new();
    photos(&place, 3);
    let train = format!("train --data photos --task denoise --sigma 30 --out run {SMALL}");
    let model = ["--model", "denoiser:4 width=12"];
    let done = place.good(&[&words(&train)[..], &model].concat()).last();
    let figure = |key: &str| done[key].as_f64().unwrap_or_else(|| panic!("no {key}: {done}"));
    assert_eq!(done["test_pictures"], 1);
    assert!((figure("test_noisy_psnr") - 18.59).abs() < 0.2, "{done}");
    assert!(figure("test_gain") > 3.0, "{done}");
    let again = place.good(&words("evaluate run --format json")).last();
    assert_eq!(again["test_network_psnr"], done["test_network_psnr"]);
    let all = place.good(&words("evaluate run --data photos/5.png --format json")).last();
    assert_eq!(all["test_network_psnr"], done["test_network_psnr"]);

    let enhance = "enhance run photos/5.png --noise 30 --format json --out";
    let whole = place.good(&words(&format!("{enhance} whole.png --tile 4096"))).last();
    let tiled = place.good(&words(&format!("{enhance} tiled.png --tile 16 --threads 1"))).last();
    assert_eq!((whole["tile"].as_u64(), tiled["tile"].as_u64()), (Some(4096), Some(16)));
    assert!(tiled["tile_bytes"].as_u64() < whole["tile_bytes"].as_u64());
    assert!(place.bytes("whole.png") == place.bytes("tiled.png"));
    assert_eq!(whole["network_psnr"], done["test_network_psnr"]);
    assert!(whole["network_ssim"].as_f64() > whole["noisy_ssim"].as_f64());

    // A gray picture, and transparency.
    let gray = Picture {
        alpha: Some((0..3000).map(|i| (i % 256) as u8).collect()),
        ..scene(50, 60, 1, 9)
    };
    save(&place, "gray.png", &gray);
    place.good(&words("enhance run gray.png --out clean.png"));
    let clean = read(&place.path("clean.png")).expect("reads");
    assert_eq!((clean.height, clean.width, clean.channels), (50, 60, 1));
    assert_eq!(clean.alpha, gray.alpha);
    let error = place.bad(1, &words("enhance run gray.png --out clean.jpg"));
    assert!(error.contains("only PNG keeps"), "{error}");

    let report = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    assert!(report.contains("Parts of unseen pictures"), "no pictures in the report");
    assert!(report.contains("above the best without a network"), "no headline");
}

#[test]
fn pictures_are_enlarged() {
    let place = Place::new();
    photos(&place, 1);
    let model = ["--model", "upscaler:4 width=12"];
    let train = format!("train --data photos --task upscale --out run {SMALL}");
    let done = place.good(&[&words(&train)[..], &model].concat()).last();
    let figure = |key: &str| done[key].as_f64().unwrap_or_else(|| panic!("no {key}: {done}"));
    assert!(figure("test_bicubic_psnr") > figure("test_bilinear_psnr"), "{done}");
    assert!(figure("test_gain") > 0.3, "{done}");
    let tested = place
        .good(&words("enhance run photos/5.png --reduce --out twice.png --tile 16 --format json"))
        .last();
    assert_eq!(tested["network_psnr"], done["test_network_psnr"]);
    place.good(&words("enhance run photos/5.png --out large.png"));
    let large = read(&place.path("large.png")).expect("reads");
    assert_eq!((large.height, large.width, large.channels), (160, 140, 1));
    // Each color by itself.
    save(&place, "color.png", &scene(20, 30, 3, 1));
    place.good(&words("enhance run color.png --out color-large.bmp"));
    assert_eq!(read(&place.path("color-large.bmp")).expect("reads").channels, 3);

    save(&place, "gray.png", &scene(40, 60, 1, 2));
    let before = place.bytes("gray.png");
    for (wrong, said) in [
        (
            "enhance run photos/5.png --noise 9 --out x.png",
            "the network enlarges; test it with --reduce",
        ),
        ("enhance run photos/5.png --out x.webp", "is not known by its name"),
        ("enhance run none.png --out x.png", "there is no such file"),
        ("enhance run photos/5.png --reference photos/5.png --out x.png", "expected 160 × 140"),
        (
            "enhance run photos/5.png --out photos/../photos/5.png",
            "is read, so it is not written over",
        ),
        (
            "enhance run color.png --reference gray.png --out gray.png",
            "is read, so it is not written over",
        ),
        ("predict run --data photos", "use `spusk enhance RUN PICTURE --out FILE`"),
    ] {
        let error = place.bad(1, &words(wrong));
        assert!(error.contains(said), "{wrong}: {error}");
    }
    assert!(place.bytes("gray.png") == before);
}

#[test]
fn what_is_no_usable_picture_is_told_or_skipped() {
    let place = Place::new();
    photos(&place, 3);
    let train = "train --data photos --task denoise --patch 24 --patches 32 --epochs 1 --format json \
                 --learning-rate 0.001 --out";
    let model = ["run", "--model", "denoiser:2 width=4"];
    let fails = |said: &str| {
        let error = place.bad(1, &[&words(train)[..], &model].concat());
        assert!(error.contains(said), "{error}");
    };
    std::fs::write(place.path("photos/broken.png"), &place.bytes("photos/0.png")[..200])
        .expect("writes");
    fails("broken.png: the image cannot be read");
    save(&place, "photos/small.png", &scene(60, 20, 3, 0));
    fails("small.png: the picture has 60 × 20 pixels, expected at least 24 × 24");
    std::fs::write(place.path("photos/note.txt"), "no picture").expect("writes");
    let skip = ["--bad-rows", "skip"];
    let ran = place.good(&[&words(train)[..], &model, &skip].concat());
    assert!(ran.stdout.contains("1 file without a picture"), "{}", ran.stdout);
    let report = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    for reason in ["a picture smaller than a patch", "a picture that cannot be read"] {
        assert!(report.contains(reason), "{reason} is not in the report");
    }
    // A picture to restore may be as bad; nothing is left behind of it.
    let mut bomb = place.bytes("photos/0.png");
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    for (name, bytes) in
        [("empty.png", Vec::new()), ("cut.jpg", vec![0xff, 0xd8, 0xff, 0xe0]), ("bomb.png", bomb)]
    {
        std::fs::write(place.path(name), bytes).expect("writes");
        let error = place.bad(1, &["enhance", "run", name, "--out", "better.png"]);
        assert!(error.contains(&format!("{name}: the image cannot be read")), "{error}");
        assert!(!place.path("better.png").exists(), "{name}");
    }
    let pool = ["other", "--model", "conv2d 4 3 padding=same, max_pool 2"];
    let error = place.bad(1, &[&words(train)[..], &pool, &skip].concat());
    assert!(
        error.contains("`max_pool` cannot stand in a network that restores pictures"),
        "{error}"
    );
}
