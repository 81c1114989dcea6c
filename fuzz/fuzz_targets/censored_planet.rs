//! Any bytes as a row of a scan are one measurement or one reject; every control is the scanner's, and none of them is a connect.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_fuzz::read::check;
use parallax_model::table::Row;
use parallax_model::tables::Control;
use parallax_model::{ControlKind, Operation};

fuzz_target!(|record: &[u8]| {
    let rows = check("censored_planet", record);
    for row in (0..rows.controls.num_rows()).map(|row| Control::read(&rows.controls, row)) {
        assert_eq!(row.kind, ControlKind::Scanner);
        assert!(matches!(row.operation, Operation::Dns | Operation::Http));
    }
});
