//! Progress on standard error, and only when somebody watches it.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::context::is_watched;
use crate::output;

/// A bar that is not there when standard error is not a terminal.
pub struct Bar(ProgressBar);

impl Bar {
    /// Counts bytes, of a total that may become known later.
    pub fn of_bytes(what: &'static str) -> Self {
        Self::with(what, "{prefix} {bar:30} {decimal_bytes}/{decimal_total_bytes} {wide_msg}")
    }

    /// Counts things.
    pub fn of_items(what: &'static str) -> Self {
        Self::with(what, "{prefix} {bar:30} {human_pos}/{human_len} {wide_msg}")
    }

    fn with(what: &'static str, template: &str) -> Self {
        if !is_watched() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(template).expect("the template is a constant");
        Self(ProgressBar::new(0).with_style(style.progress_chars("━╸─")).with_prefix(what))
    }

    pub fn set(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    /// A word beside the bar.
    pub fn say(&self, text: &str) {
        self.0.set_message(text.to_owned());
    }
}

impl Drop for Bar {
    /// The bar makes room for the result.
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl parallax_ingest::pipeline::Progress for Bar {
    fn total(&self, bytes: u64) {
        self.0.set_length(bytes);
    }

    fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn file(&self, path: &Path) {
        let name = path.file_name().unwrap_or(path.as_os_str());
        self.0.set_message(output::visible(&name.to_string_lossy()).into_owned());
    }
}

impl parallax_engine::judge::Progress for Bar {
    fn begin(&self, measurements: u64) {
        self.0.set_length(measurements);
    }

    fn judged(&self, measurements: u64) {
        self.0.inc(measurements);
    }
}
