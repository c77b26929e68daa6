//! The page itself: head, style, navigation, and the few kinds of blocks it is made of.

use std::fmt::Write;

use crate::formula::Part;
use crate::messages::{self as say, Language};
use crate::plot::Svg;
use crate::plot::draw::svg::escape;

/// Most rows of a table; what lies beyond is counted.
const MOST_ROWS: usize = 200;

/// A page under construction. Everything that goes in as text is escaped here and nowhere else.
pub(crate) struct Page {
    title: String,
    language: Language,
    contents: Vec<(String, String)>,
    body: String,
}

/// A column of a table.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    Text(&'a str),
    Number(&'a str),
}

impl Page {
    pub(crate) fn new(title: &str, language: Language) -> Page {
        let none = title.trim().is_empty();
        let title = if none { say::report_training_run(language) } else { title.to_owned() };
        Page { title, language, contents: Vec::new(), body: String::new() }
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The language that the page is in.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// A section with a heading, listed in the contents.
    pub(crate) fn section(
        &mut self,
        id: impl Into<String>,
        heading: &str,
        fill: impl FnOnce(&mut Page),
    ) {
        let id = id.into();
        self.add(format_args!("<section id=\"{}\"><h2>{}</h2>\n", escape(&id), escape(heading)));
        self.contents.push((id, heading.to_owned()));
        fill(self);
        self.add(format_args!("</section>\n"));
    }

    /// A block that holds others.
    pub(crate) fn block(&mut self, class: &'static str, fill: impl FnOnce(&mut Page)) {
        self.add(format_args!("<div class=\"{class}\">"));
        fill(self);
        self.add(format_args!("</div>\n"));
    }

    pub(crate) fn element(&mut self, name: &'static str, class: &'static str, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.add(format_args!("<{name}{class}>{}</{name}>\n", escape(text)));
    }

    pub(crate) fn paragraph(&mut self, text: &str) {
        self.element("p", "", text);
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.element("h3", "", text);
    }

    pub(crate) fn picture(&mut self, svg: &Svg) {
        // The picture is markup that the plot module has escaped.
        self.add(format_args!("<figure>{}</figure>\n", svg.inline()));
    }

    /// A figure with a name, for the row below the headline.
    pub(crate) fn fact(&mut self, name: &str, value: &str, more: &str) {
        let (name, value) = (escape(name), escape(value));
        self.add(format_args!("<div class=\"fact\"><span>{name}</span><b>{value}</b>"));
        if !more.is_empty() {
            self.add(format_args!("<small>{}</small>", escape(more)));
        }
        self.add(format_args!("</div>\n"));
    }

    /// A table. Rows beyond the bound are counted instead of shown.
    pub(crate) fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) {
        self.add(format_args!("<div class=\"scroll\"><table><thead><tr>"));
        for column in columns {
            let (class, name) = match column {
                Column::Text(name) => ("", name),
                Column::Number(name) => (" class=\"n\"", name),
            };
            self.add(format_args!("<th scope=\"col\"{class}>{}</th>", escape(name)));
        }
        self.add(format_args!("</tr></thead><tbody>\n"));
        for row in rows.iter().take(MOST_ROWS) {
            self.add(format_args!("<tr>"));
            for (cell, column) in row.iter().zip(columns) {
                // Long text may break anywhere; numbers and short words never do.
                let class = match column {
                    Column::Number(_) => " class=\"n\"",
                    Column::Text(_) if cell.chars().count() > 36 => " class=\"long\"",
                    Column::Text(_) => "",
                };
                self.add(format_args!("<td{class}>{}</td>", escape(cell)));
            }
            self.add(format_args!("</tr>\n"));
        }
        self.add(format_args!("</tbody></table></div>\n"));
        if rows.len() > MOST_ROWS {
            let more = rows.len() - MOST_ROWS;
            self.element("p", "soft", &say::report_more_rows(self.language, more));
        }
    }

    /// A part of an account with a heading of its own inside a section.
    pub(crate) fn headed_part(&mut self, part: &Part) {
        self.heading(&part.heading);
        self.part(part);
    }

    /// A part of an account, without its heading.
    pub(crate) fn part(&mut self, part: &Part) {
        part.sentences.iter().for_each(|sentence| self.paragraph(sentence));
        if let Some((columns, rows)) = &part.table {
            let columns: Vec<Column> = columns.iter().map(|name| Column::Text(name)).collect();
            self.table(&columns, rows);
        }
        part.after.iter().for_each(|sentence| self.paragraph(sentence));
    }

    /// The whole file.
    pub(crate) fn finish(self) -> String {
        let title = escape(&self.title);
        let mut contents = String::new();
        for (id, heading) in &self.contents {
            let _ = write!(contents, "<a href=\"#{}\">{}</a>", escape(id), escape(heading));
        }
        let (language, names) = (self.language.code(), say::report_contents(self.language));
        let (style, plot_style, script) = (STYLE, Svg::style(), SCRIPT);
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"/>\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\
             <meta name=\"color-scheme\" content=\"light dark\"/>\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\"/>\
             <title>{title}</title>\n<style>{style}{plot_style}</style></head>\n<body>\
             <nav aria-label=\"{names}\">{contents}</nav>\n<main>\n{}</main>\n\
             <script>{script}</script></body></html>\n",
            self.body
        )
    }

    fn add(&mut self, text: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(text);
    }
}

const STYLE: &str = include_str!("page.css");

/// Shows the values of marks at once and next to the pointer, where the browser would take its time.
/// Without it they still appear as plain tooltips.
const SCRIPT: &str = include_str!("page.js");

#[cfg(test)]
mod tests {
    use super::{Column, Language, Page};

    #[test]
    fn everything_is_escaped_once() {
        let nasty = "<b>\"&'</script>";
        let mut page = Page::new(nasty, Language::English);
        page.section("s", nasty, |page| {
            page.paragraph(nasty);
            page.fact(nasty, nasty, nasty);
            page.table(&[Column::Text(nasty), Column::Number(nasty)], &[vec![nasty.into(); 2]]);
        });
        let html = page.finish();
        assert_eq!(html.matches("</script>").count(), 1, "our own");
        assert!(!html.contains("<b>\"") && !html.contains("&amp;amp;"));
        assert_eq!(html.matches("&lt;b&gt;&quot;&amp;&#39;&lt;/script&gt;").count(), 11);
    }

    #[test]
    fn long_tables_are_cut_and_say_so() {
        let mut page = Page::new("", Language::English);
        let rows: Vec<Vec<String>> = (0..250).map(|i| vec![format!("row {i}")]).collect();
        page.table(&[Column::Text("name")], &rows);
        let html = page.finish();
        assert!(html.contains("row 199") && !html.contains("row 200"));
        assert!(html.contains("… and 50 more rows."));
    }
}
