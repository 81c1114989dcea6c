//! Any bytes are one measurement or one reject of a whole record, never both; no text outgrows its cap; the same bytes give the same rows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_fuzz::read::check;

fuzz_target!(|record: &[u8]| {
    check("ooni", record);
});
