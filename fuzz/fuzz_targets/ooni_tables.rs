//! Any bytes as the header and the rows of one measurement are one measurement or one reject; a table never has a control.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_fuzz::read::check;

fuzz_target!(|record: &[u8]| {
    assert_eq!(check("ooni_tables", record).controls.num_rows(), 0);
});
