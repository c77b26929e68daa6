//! The page of a landscape: the account with its pictures, in one file that needs no other.

use super::account::{number, plane_heading, ways};
use super::{Between, Curvature, Landscape, Plane, PlaneKind, Subject, account, account_between};
use crate::messages::{self as say, Language};
use crate::plot::{Contours, LevelPoint, Picture, Profile, Scale, Series, Shading, Surface};
use crate::report::page::Page;

/// Places of the curve of a density.
const CURVE: usize = 800;

/// A page and its pictures.
#[derive(Debug, Clone)]
pub struct LandscapePage {
    /// The whole page.
    pub html: String,
    /// The pictures in it, with their names.
    pub pictures: Vec<(String, Picture)>,
}

/// The page of a landscape. With `log` heights are the logarithms of the losses.
#[must_use]
pub fn page(
    title: &str,
    subject: &Subject,
    found: &Landscape,
    log: bool,
    l: Language,
) -> LandscapePage {
    let mut page = Page::new(title, l);
    let pictures = sections(&mut page, subject, found, log, l);
    LandscapePage { html: page.finish(), pictures }
}

/// The account with its pictures, a section each; returns the pictures.
pub(crate) fn sections(
    page: &mut Page,
    subject: &Subject,
    found: &Landscape,
    log: bool,
    l: Language,
) -> Vec<(String, Picture)> {
    let mut pictures: Vec<(String, Picture)> = Vec::new();
    for (i, part) in account(subject, found, log, l).iter().enumerate() {
        let mut drawn: Vec<(String, Picture)> = Vec::new();
        if let Some(plane) = i.checked_sub(1).and_then(|i| found.planes.get(i)) {
            let map = map(plane, subject, found, log, l);
            let name = match plane.kind {
                PlaneKind::Random => "random",
                PlaneKind::Hessian => "hessian",
                PlaneKind::Path => "path",
            };
            drawn.push((format!("{name}-surface"), surface(plane, &map, log, l).into()));
            drawn.push((format!("{name}-map"), map.into()));
        } else if let Some(curvature) = found.curvature.as_ref().filter(|_| i > 0) {
            drawn.extend(spectrum(curvature, l).map(|p| ("spectrum".to_string(), p.into())));
        }
        page.section(format!("landscape-{i}"), &part.heading, |page| {
            drawn.iter().for_each(|(_, picture)| page.picture(&picture.draw(l)));
            page.part(part);
        });
        pictures.extend(drawn);
    }
    pictures
}

/// The page of the ways between two networks.
#[must_use]
pub fn page_between(
    title: &str,
    subject: &Subject,
    found: &Between,
    steps: usize,
    l: Language,
) -> LandscapePage {
    let part = account_between(subject, found, steps, l);
    let series = ways(found, l).into_iter().map(|(name, losses)| {
        Series::new(name, found.t.iter().copied().zip(losses.iter().copied()))
    });
    let picture = Profile {
        title: say::line_heading(l),
        x_label: say::axis_share(l),
        y_label: say::loss_word(l),
        series: series.collect(),
        note: Some(note(subject, found.error, l)),
        ..Profile::default()
    };
    let mut page = Page::new(title, l);
    page.section("p0", &part.heading, |page| {
        page.picture(&crate::plot::Plot::draw(&picture, l));
        page.part(&part);
    });
    LandscapePage { html: page.finish(), pictures: vec![("line".into(), picture.into())] }
}

fn note(subject: &Subject, error: f64, l: Language) -> String {
    say::plane_note(l, l.count(subject.rows() as u64), number(error, l))
}

fn height(loss: f64, log: bool) -> f64 {
    if log { loss.log10() } else { loss }
}

fn axes(plane: &Plane, l: Language) -> (String, String) {
    match (plane.kind, plane.curvatures, plane.explained) {
        (PlaneKind::Hessian, Some([first, last]), _) => (
            say::axis_hessian_first(l, number(first, l)),
            say::axis_hessian_second(l, number(last, l)),
        ),
        (PlaneKind::Path, _, Some([first, second])) => {
            (say::axis_path(l, 1, l.percent(first, 0)), say::axis_path(l, 2, l.percent(second, 0)))
        }
        _ => (say::axis_random(l, 1), say::axis_random(l, 2)),
    }
}

fn range(places: &[f64]) -> [f64; 2] {
    [places.first().copied().unwrap_or(0.0), places.last().copied().unwrap_or(1.0)]
}

fn map(plane: &Plane, subject: &Subject, found: &Landscape, log: bool, l: Language) -> Contours {
    let (x_label, y_label) = axes(plane, l);
    let path = plane.path.iter().map(|point| (point.shadow.x, point.shadow.y));
    let paths = match plane.path.is_empty() {
        true => Vec::new(),
        false => vec![Series::new(say::training_path(l), path)],
    };
    Contours {
        title: format!("{}: {}", plane_heading(plane.kind, l), say::picture_landscape_map(l)),
        x_label,
        y_label,
        x_range: range(&plane.x),
        y_range: range(&plane.y),
        columns: plane.x.len(),
        rows: plane.y.len(),
        heights: plane.losses.iter().map(|&loss| height(loss, log)).collect(),
        shading: Shading::Heights,
        height_label: if log { say::log_loss_word(l) } else { say::loss_word(l) },
        paths,
        points: vec![LevelPoint { x: 0.0, y: 0.0, label: say::trained_weights(l) }],
        points_label: say::trained_weights(l),
        note: Some(note(subject, found.error, l)),
        ..Contours::default()
    }
}

fn surface(plane: &Plane, map: &Contours, log: bool, l: Language) -> Surface {
    let path = || plane.path.iter();
    let foot = |x: f64, y: f64| plane.loss_at(x, y).map_or(f64::NAN, |loss| height(loss, log));
    let center = plane.path.is_empty();
    let mut surface = Surface {
        title: format!("{}: {}", plane_heading(plane.kind, l), say::picture_landscape_surface(l)),
        x_label: map.x_label.clone(),
        y_label: map.y_label.clone(),
        z_label: map.height_label.clone(),
        x_range: map.x_range,
        y_range: map.y_range,
        columns: map.columns,
        rows: map.rows,
        heights: map.heights.clone(),
        path_x: path().map(|point| point.shadow.x).collect(),
        path_y: path().map(|point| point.shadow.y).collect(),
        // Where a moment lies beyond the edges the line has a gap, and its height counts for nothing.
        path_z: path()
            .map(
                |point| if plane.holds(&point.shadow) { height(point.loss, log) } else { f64::NAN },
            )
            .collect(),
        feet: path().map(|point| foot(point.shadow.x, point.shadow.y)).collect(),
        whole: true,
        note: map.note.clone(),
    };
    if center {
        // The trained weights as one dot.
        (surface.path_x, surface.path_y) = (vec![0.0], vec![0.0]);
        surface.path_z = vec![foot(0.0, 0.0)];
    }
    surface
}

fn spectrum(found: &Curvature, l: Language) -> Option<Profile> {
    let density = found.density.as_ref()?;
    let (low, high) = (density.nodes.first()?.0, density.nodes.last()?.0);
    let width = 0.01 * (high - low).max(1e-12);
    let (low, high) = (low - 4.0 * width, high + 4.0 * width);
    let place = |i: usize| low + (high - low) * i as f64 / (CURVE - 1) as f64;
    let most = (0..CURVE).map(|i| density.at(place(i), width)).fold(0.0_f64, f64::max);
    // Below a millionth of the peak there is nothing but the tails of the blur.
    let at = |i: usize| (place(i), density.at(place(i), width).max(1e-6 * most));
    let steps = density.products / density.probes.max(1);
    Some(Profile {
        title: say::picture_spectrum(l),
        x_label: say::axis_eigenvalue(l),
        y_label: say::axis_density(l),
        y_scale: Scale::Log,
        series: vec![Series::new(say::axis_density(l), (0..CURVE).map(at))],
        marks: found.extremes.largest.iter().map(|pair| pair.value).collect(),
        marks_label: say::column_eigenvalue(l),
        note: Some(say::spectrum_note(l, density.probes, steps, l.significant(width, 2))),
    })
}
