//! A grid of hours: one line a network or a day of the week, one cell some hours. Cells look as in a heat strip; of a shutdown, they are as
//! large as much was measured. The table below says the same in numbers.

use askama::Template;
use parallax_engine::events::timeline::{Counts, Timeline};
use parallax_engine::events::words;
use parallax_model::EventKind;
use parallax_model::tables::Event;

use super::behind::Behind;
use super::course::{every, hours};
use super::strip::Cell;
use super::{count, plural};
use crate::charts::{self, About, FEW, HourLine, Hours, share_level};
use crate::observatory::Edition;
use crate::rows::clip;
use crate::urls;

/// Lines that are drawn.
const MOST_LINES: usize = 30;
/// Size of a cell and its place, in pixels of the drawing.
const CELL: usize = 14;
const LABELS: usize = 230;
const LINE: usize = 18;
const TOP: usize = 22;

pub struct GridLine {
    pub label: String,
    pub short: String,
    pub link: Option<String>,
    /// Whether the event was seen there.
    pub is_in: bool,
    pub y: usize,
    pub text_y: usize,
    pub cells: Vec<Cell>,
    /// Every column, for the table.
    pub texts: Vec<String>,
    pub n: String,
}

impl GridLine {
    fn text(&self, index: &usize) -> &str {
        &self.texts[*index]
    }
}

#[derive(Template)]
#[template(path = "parts/grid.html")]
pub struct Grid {
    pub id: &'static str,
    pub title: String,
    pub about: String,
    pub is_shutdown: bool,
    /// What a column is, and each of them.
    pub column: String,
    pub columns: Vec<String>,
    pub marks: Vec<(usize, String)>,
    pub lines: Vec<GridLine>,
    pub width: usize,
    pub height: usize,
    pub left_out: String,
    pub spec: Option<String>,
    /// The same for the script.
    chart: Vec<HourLine>,
    n: u64,
    /// Hours of a column that is a time, and not an hour of any day.
    step_hours: Option<i64>,
}

impl Grid {
    /// Networks by time: those in which the event was seen, and the others of the country beside them.
    pub fn of_networks(event: &Event<'_>, timeline: &Timeline, edition: &Edition, behind: &Behind) -> Self {
        let columns: Vec<String> = (0..timeline.marks).map(|mark| words::time(timeline.time(mark))).collect();
        let about = "Those in which it was seen have a star; the other networks of the country stand below them.";
        let mut grid = Self::over("grid", "Networks", about, event.kind, columns);
        grid.column = format!("From (UTC), {}", hours(timeline.step_hours));
        grid.step_hours = Some(timeline.step_hours);
        let each = every(timeline.marks);
        grid.marks = grid.columns.iter().enumerate().step_by(each).map(|(mark, time)| (LABELS + mark * CELL, time.clone())).collect();
        for line in timeline.lines.iter().take(MOST_LINES) {
            let name = line.network.and_then(|asn| edition.network_name(asn)).map(clip).unwrap_or_default();
            let number = line.network.map_or("unknown network".to_owned(), |asn| format!("AS{asn}"));
            let star = if line.is_in { "* " } else { "" };
            let label = format!("{star}{number} {name}").trim_end().to_owned();
            grid.push(label, Some(urls::network(line.network)), behind.network(line.network), line.is_in, &line.counts);
        }
        if timeline.lines.len() > MOST_LINES {
            grid.left_out = plural((timeline.lines.len() - MOST_LINES) as u64, "network");
        }
        grid.done()
    }

    /// The hours of the local week: a schedule shows here.
    pub fn of_week(event: &Event<'_>, timeline: &Timeline, behind: &Behind) -> Self {
        let columns = (0..24).map(|hour| format!("{hour:02}:00")).collect();
        let about = "All weeks of the event laid over each other, in its networks, in the time of the capital.";
        let mut grid = Self::over("week", "Hours of the week, in local time", about, event.kind, columns);
        grid.column = "Local time".to_owned();
        grid.marks = (0..24).step_by(6).map(|hour| (LABELS + hour * CELL, format!("{hour:02}:00"))).collect();
        for (day, counts) in
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].iter().zip(timeline.week.chunks(24))
        {
            grid.push((*day).to_owned(), None, behind.all_days(), true, counts);
        }
        grid.done()
    }

    fn over(id: &'static str, title: &str, about: &str, kind: EventKind, columns: Vec<String>) -> Self {
        Self {
            id,
            title: title.to_owned(),
            about: about.to_owned(),
            is_shutdown: kind == EventKind::Shutdown,
            column: String::new(),
            columns,
            marks: Vec::new(),
            lines: Vec::new(),
            width: 0,
            height: 0,
            left_out: String::new(),
            spec: None,
            chart: Vec::new(),
            n: 0,
            step_hours: None,
        }
    }

    /// `link` is where the label leads, `page` where a mark does.
    fn push(&mut self, label: String, link: Option<String>, page: String, is_in: bool, counts: &[Counts]) {
        let y = TOP + self.lines.len() * LINE;
        let most = counts.iter().map(Counts::all).max().unwrap_or_default();
        let measured = counts.iter().enumerate().filter(|(_, counts)| counts.all() > 0);
        let cells = measured.map(|(mark, counts)| self.cell(mark, y, counts, most)).collect();
        let short = match label.char_indices().nth(32) {
            Some((end, _)) => format!("{}…", &label[..end]),
            None => label.clone(),
        };
        let texts = counts.iter().map(|counts| self.text(counts)).collect();
        let n = counts.iter().map(Counts::all).sum();
        self.n += n;
        let marks = counts.iter().map(|counts| (*counts, if self.is_shutdown { "ok" } else { level(counts) })).collect();
        self.chart.push(HourLine { label: label.clone(), page: Some(page), cells: marks });
        self.lines.push(GridLine { label, short, link, is_in, y, text_y: y + 12, cells, texts, n: count(n) });
    }

    fn cell(&self, mark: usize, y: usize, counts: &Counts, most: u64) -> Cell {
        let x = LABELS + mark * CELL;
        let time = &self.columns[mark];
        if self.is_shutdown {
            // The area is the share of the most.
            let side = ((counts.all() as f64 / most.max(1) as f64).sqrt() * (CELL - 2) as f64).round().max(2.0) as usize;
            let inset = (CELL - 2 - side) / 2;
            let title = format!("{time}: {}", plural(counts.all(), "measurement"));
            return Cell { x: x + inset, y: y + inset, width: side, height: side, level: "ok", title };
        }
        let inset = if counts.telling() > 0 && counts.telling() < FEW { 4 } else { 0 };
        Cell {
            x: x + inset,
            y: y + inset,
            width: CELL - 2 - 2 * inset,
            height: CELL - 2 * inset,
            level: level(counts),
            title: format!("{time}: {} of {} find interference, {} too little evidence", counts.hit, counts.telling(), counts.unclear),
        }
    }

    fn text(&self, counts: &Counts) -> String {
        match (counts.all(), counts.telling()) {
            (0, _) => "–".to_owned(),
            (all, _) if self.is_shutdown => count(all),
            (all, 0) => format!("? ({all})"),
            (_, telling) => format!("{}/{telling}", counts.hit),
        }
    }

    /// Makes the chart that the script draws, and says whether there is one.
    pub fn charted(&mut self, about: &About, timeline: &Timeline, behind: &Behind) -> bool {
        if self.n > 0 {
            let marks: Vec<String> = self.marks.iter().map(|(_, time)| time.clone()).collect();
            let is_week = self.step_hours.is_none();
            let over = Hours {
                field: if is_week { "local_hour" } else { "from_utc" },
                title: if is_week { "local time" } else { "from (UTC)" },
                columns: &self.columns,
                marks: &marks,
                step_hours: self.step_hours,
                is_shutdown: self.is_shutdown,
            };
            let step = self.step_hours.map_or(", by the hour of the local week".to_owned(), |step| format!(", {} a column", hours(step)));
            let opens = if is_week { behind.opens("all its days", false) } else { behind.opens("its days and network", true) };
            let about = about.of(&self.title, self.id).with_n(behind.n(self.n, timeline, &step));
            let about = if is_week { about } else { about.with_line("* the event was seen there".to_owned()) };
            self.spec = Some(charts::hours(&about, &over, &std::mem::take(&mut self.chart), &opens).to_string());
        }
        self.spec.is_some()
    }

    fn done(mut self) -> Self {
        self.width = LABELS + (self.columns.len() * CELL).max(110) + 60;
        self.height = TOP + self.lines.len() * LINE;
        self
    }
}

/// How strongly a cell speaks, as in a heat strip.
fn level(counts: &Counts) -> &'static str {
    match counts.telling() {
        0 => "insufficient",
        telling if counts.hit == 0 && counts.troubled * 2 >= telling => "trouble",
        telling => share_level(counts.hit, telling).unwrap_or("ok"),
    }
}
