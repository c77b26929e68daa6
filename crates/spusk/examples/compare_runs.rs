//! Draws the training losses of several runs in one picture:
//! `cargo run -p spusk --example compare_runs -- curves.svg runs/a runs/b`.

use std::error::Error;
use std::path::Path;

use spusk::plot::{Curves, Plot, Scale, Series};
use spusk::run::RunDir;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let to = arguments.next().ok_or("name the picture to write, then the runs")?;
    let mut series = Vec::new();
    for run in arguments {
        let lines = RunDir::open(Path::new(&run))?.metrics()?;
        let losses = lines.iter().filter(|line| line["event"] == "epoch");
        let losses = losses.filter_map(|line| line["train_loss"].as_f64());
        let name = Path::new(&run).file_name().unwrap_or_default().to_string_lossy().into_owned();
        series.push(Series::by_epoch(name, losses));
    }
    let title = "Training loss".into();
    let picture = Curves { title, y_scale: Scale::Log, series, ..Curves::default() };
    std::fs::write(to, picture.draw(spusk::messages::Language::English).standalone())?;
    Ok(())
}
