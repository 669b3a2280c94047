//! `wharf plan`: what a deploy would change.

use crate::cli::Plan;
use crate::parcel::Parcel;
use crate::report::{Progress, Refusal, document, say};
use crate::{describe, reach};

/// Says what would change; the files are sent, nothing else happens.
///
/// # Errors
/// Why there is no plan.
pub fn run(options: &Plan) -> Result<(), Refusal> {
    let parcel = Parcel::read(&options.what)?;
    reach::run(&options.place, async |client| {
        let change = parcel.change.clone();
        let mut progress = Progress::new(options.json);
        let planned = async {
            super::deploy::send(&client, parcel, &mut progress).await?;
            Ok::<_, Refusal>(client.plan(&change).await?)
        };
        let planned = planned.await;
        progress.end();
        let view = planned?;
        if options.json {
            return document(&view);
        }
        say(&describe::plan(&view));
        Ok(())
    })
}
