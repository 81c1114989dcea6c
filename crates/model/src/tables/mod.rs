//! Every table of the archive, in the order in which data flows through them.

mod certificates;
mod controls;
mod events;
mod judgements;
mod measurements;
mod observations;
mod proven_addresses;
mod reachability;
mod rejects;
mod shared_answers;
mod verdicts;

pub use certificates::{Certificate, CertificateRows};
pub use controls::{Control, ControlRows};
pub use events::{Event, EventRows};
pub use judgements::{Judgement, JudgementRows};
pub use measurements::{Measurement, MeasurementRows};
pub use observations::{Observation, ObservationColumns, ObservationRows};
pub use proven_addresses::{ProvenAddress, ProvenAddressRows};
pub use reachability::{Reachability, ReachabilityRows};
pub use rejects::{Reject, RejectRows};
pub use shared_answers::{SharedAnswer, SharedAnswerRows};
pub use verdicts::{Verdict, VerdictRows};

use crate::Table;

pub const ALL: &[&Table] = &[
    Measurement::TABLE_INFO,
    Observation::TABLE_INFO,
    Control::TABLE_INFO,
    Certificate::TABLE_INFO,
    Reject::TABLE_INFO,
    ProvenAddress::TABLE_INFO,
    Reachability::TABLE_INFO,
    SharedAnswer::TABLE_INFO,
    Verdict::TABLE_INFO,
    Judgement::TABLE_INFO,
    Event::TABLE_INFO,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_sort_key_names_columns_of_its_table() {
        for table in ALL {
            for key in table.sort_key {
                assert!(table.schema().field_with_name(key).is_ok(), "{}.{key}", table.name);
            }
        }
    }

    #[test]
    fn every_table_and_column_says_what_it_is() {
        for table in ALL {
            assert!(table.doc.trim().ends_with('.'), "{}", table.name);
            for column in table.columns {
                assert!(column.doc.trim().len() > 10, "{}.{}", table.name, column.name);
            }
        }
    }
}
