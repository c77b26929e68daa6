use super::*;

/// The page is also sound XML, so a strict reader can check it.
fn check_page(name: &str, html: &str) {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let page = roxmltree::Document::parse_with_options(html, options)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut ids = std::collections::HashSet::new();
    for node in page.descendants().filter(roxmltree::Node::is_element) {
        let tag = node.tag_name().name();
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(!key.starts_with("on"), "{name}: {tag} {key}");
            let place = matches!(key, "href" | "src");
            assert!(
                !place || value.starts_with('#') || value.starts_with("data:image/png;base64,")
            );
            assert!(key != "id" || ids.insert(value.to_owned()), "{name}: {value} twice");
        }
        let images = tag == "image" || tag == "img";
        assert!(!images || node.attribute("href").is_some(), "{name}: only our own images");
    }
    assert_eq!(page.descendants().filter(|node| node.has_tag_name("script")).count(), 1);
    for link in page.descendants().filter_map(|node| node.attribute("href")) {
        let known = link.strip_prefix('#').is_none_or(|id| ids.contains(id));
        assert!(known, "{name}: {link} leads nowhere");
    }
}

#[test]
fn every_report_is_a_sound_page() {
    let into = std::env::var_os("SPUSK_PICTURES");
    for (name, report) in [
        ("empty", ReportData::default()),
        ("digits", samples::digits()),
        ("diabetes", samples::diabetes()),
        ("hostile", samples::hostile()),
    ] {
        let html = html(&report, Language::English);
        // With SPUSK_PICTURES=folder the pages are written there, to be looked at.
        if let Some(into) = &into {
            let file = std::path::Path::new(into).join(format!("{name}.html"));
            std::fs::write(file, &html).expect("the folder exists");
        }
        check_page(name, &html);
    }
}

#[test]
fn a_saved_report_renders_to_the_same_page() {
    for report in [samples::digits(), samples::diabetes(), samples::hostile()] {
        let text = serde_json::to_string(&report).expect("plain data");
        let back: ReportData = serde_json::from_str(&text).expect("its own text");
        assert!(
            html(&back, Language::English) == html(&report, Language::English),
            "the page differs"
        );
    }
}

#[test]
fn every_picture_has_a_file_of_its_own() {
    let report = samples::hostile();
    let files = pictures(&report, Language::English);
    let names: std::collections::HashSet<&String> = files.iter().map(|file| &file.0).collect();
    assert_eq!(names.len(), files.len());
    for wanted in ["curves.svg", "curves-2.svg", "weights.svg", "gradients.svg", "race.svg"] {
        assert!(names.contains(&wanted.to_owned()), "{wanted}: {names:?}");
    }
}

#[test]
fn rows_that_are_lost_are_called_out() {
    let mut report = samples::diabetes();
    assert!(!html(&report, Language::English).contains("does not add up"));
    report.data.as_mut().expect("it has data").rows.test += 1;
    assert!(html(&report, Language::English).contains("444 of 443 examples are accounted for"));
}

#[test]
fn the_page_fetches_nothing() {
    let html = html(&samples::digits(), Language::English);
    assert!(html.contains("default-src 'none'"));
    for outside in ["http://", "https://", "url(", "@import", "<link"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn a_spoiled_report_is_refused_or_rendered_soundly() {
    use crate::plot::tests::{mix, spoil};
    let mut rendered = 0;
    for report in [samples::digits(), samples::diabetes()] {
        let sound = serde_json::to_value(&report).expect("plain data");
        for round in 0..500 {
            let mut value = sound.clone();
            for more in 0..1 + round % 3 {
                spoil(&mut value, mix(round * 57 + more));
            }
            if let Ok(report) = serde_json::from_value::<ReportData>(value) {
                check_page("spoiled", &html(&report, Language::English));
                rendered += 1;
            }
        }
    }
    assert!(rendered > 60, "{rendered}");
}
