//! Tickets that are through: resolved, refused, taken back, closed.

use super::{
    ACCESS, Act, BUDGET, CHECK_IN, CHECK_OUT, DAY, HOUR, Plot, Remark, SOFTWARE, approve, asked, pass, reply, say,
    submit,
};
use crate::person::{
    AMINA, ARJUN, ASSETS, BUDGETS, CLARA, DIEGO, EMRE, FREYA, HANNA, INES, IT, JONAS, KOFI, LUCA, MARIT, MEI, NOOR,
    OSKAR, PAVEL, SOFIA, TOMAS, YARA,
};
use crate::ticket::Priority::{Critical, High, Low, Medium};

pub(super) static PLOTS: [Plot; 13] = [
    // === resolved, not yet closed ===
    Plot {
        acts: &[
            (26 * HOUR, approve(&CLARA, High, IT, (&EMRE, &JONAS))),
            (25 * HOUR, Act::Start),
            (20 * HOUR, Act::Finish { notes: "Reading access is granted until the end of the year." }),
        ],
        talk: &[say(20 * HOUR, &JONAS, "You can sign in now, @noor.haddan. Please close the ticket if all is well.")],
        ..asked(
            28 * HOUR,
            &NOOR,
            ACCESS,
            "Access to the payroll reports",
            "While Vera is away I prepare the monthly statistics and need to read the payroll reports.",
        )
    },
    Plot {
        details: r#"{"device_type":"Printer","asset_name":"Label printer","serial_number":"LP-0917-02","condition":"Good"}"#,
        acts: &[
            (80 * HOUR, approve(&EMRE, Medium, ASSETS, (&SOFIA, &TOMAS))),
            (78 * HOUR, submit("Everything is there.", &YARA)),
            (60 * HOUR, pass("Inspected and put on shelf 4.", &INES)),
            (52 * HOUR, Act::Finish { notes: "Booked into the inventory." }),
        ],
        ..asked(
            4 * DAY,
            &HANNA,
            CHECK_IN,
            "Return of the label printer",
            "We get our labels from the print shop now and do not need the printer any more.",
        )
    },
    // === refused ===
    Plot {
        details: r#"{"prepared_by":"Luca Ferrano","requested_budget":"5400.00","cost_items":[{"element":"Coffee machine","description":"With a milk frother","amount":"5400.00"}]}"#,
        acts: &[(
            10 * DAY,
            Act::Reject {
                by: &SOFIA,
                reason: "Kitchen equipment is the landlord's affair; please ask the front desk.",
            },
        )],
        ..asked(
            11 * DAY,
            &LUCA,
            BUDGET,
            "Coffee machine for the corridor",
            "The kitchen is two floors away, and twenty people would use the machine every day.",
        )
    },
    Plot {
        acts: &[(
            3 * DAY,
            Act::Reject { by: &CLARA, reason: "Programs for private use are not installed on company devices." },
        )],
        ..asked(
            3 * DAY + 5 * HOUR,
            &ARJUN,
            SOFTWARE,
            "Install a music program",
            "In the warehouse it is very quiet at night.",
        )
    },
    // === taken back ===
    Plot {
        acts: &[(6 * DAY, Act::Withdraw { reason: "It works again after a restart." })],
        ..asked(
            6 * DAY + 3 * HOUR,
            &DIEGO,
            ACCESS,
            "Access to the stock list",
            "The stock list says that I have no right to open it. Yesterday I had.",
        )
    },
    Plot {
        details: r#"{"device_type":"Tablet","asset_name":"Two tablets","location":"Reception"}"#,
        acts: &[
            (9 * DAY, approve(&EMRE, Medium, ASSETS, (&CLARA, &MARIT))),
            (9 * DAY - 3 * HOUR, submit("For visitors, two weeks.", &OSKAR)),
            (9 * DAY - 5 * HOUR, Act::Start),
            (8 * DAY, Act::Withdraw { reason: "The event is cancelled." }),
        ],
        ..asked(
            9 * DAY + 5 * HOUR,
            &HANNA,
            CHECK_OUT,
            "Tablets for the open day",
            "Visitors of the open day are to fill in the questionnaire on tablets.",
        )
    },
    // === closed ===
    Plot {
        acts: &[
            (DAY * 58, approve(&CLARA, High, IT, (&EMRE, &MEI))),
            (DAY * 58 - HOUR, Act::Start),
            (DAY * 58 - 4 * HOUR, Act::Finish { notes: "Granted, with the rights of the role." }),
            (DAY * 57, Act::Close { by: Some(&NOOR) }),
            (DAY * 57, Act::Rate { stars: 5, feedback: Some("Quick, and somebody explained it to me.") }),
        ],
        ..asked(
            58 * DAY + 4 * HOUR,
            &NOOR,
            ACCESS,
            "Access to the wiki of the project",
            "I join the project next week.",
        )
    },
    Plot {
        acts: &[
            (40 * DAY, approve(&CLARA, Medium, IT, (&SOFIA, &TOMAS))),
            (40 * DAY - 4 * HOUR, submit("Free licence, no cost.", &JONAS)),
            (39 * DAY, pass("Installed.", &TOMAS)),
            (39 * DAY - 5 * HOUR, Act::Finish { notes: "Luca confirmed that it starts." }),
            (36 * DAY - 5 * HOUR, Act::Close { by: None }),
        ],
        ..asked(
            41 * DAY,
            &LUCA,
            SOFTWARE,
            "Install the diagram editor",
            "I draw the processes of our department and need the diagram editor for it.",
        )
    },
    Plot {
        details: r#"{"device_type":"Laptop","asset_name":"Laptop, 15 inch","serial_number":"LT-3310-88","condition":"Worn keys"}"#,
        acts: &[
            (33 * DAY, approve(&EMRE, Low, ASSETS, (&CLARA, &INES))),
            (33 * DAY - 8 * HOUR, submit("Complete.", &OSKAR)),
            (32 * DAY - 6 * HOUR, Act::Start),
            (31 * DAY, pass("Keyboard is replaced, the rest is fine.", &TOMAS)),
            (31 * DAY - 9 * HOUR, Act::Finish { notes: "Back in the inventory as a spare." }),
            (29 * DAY, Act::Close { by: Some(&EMRE) }),
            (28 * DAY, Act::Rate { stars: 4, feedback: None }),
        ],
        ..asked(34 * DAY, &HANNA, CHECK_IN, "Return of my old laptop", "I have the new one, and all files are moved.")
    },
    // Later than its target: high tickets have eight hours.
    Plot {
        details: r#"{"prepared_by":"Kofi Mensala","requested_budget":"640.00","cost_items":[{"element":"Repair","description":"Pump of the basement","amount":"640.00"}]}"#,
        acts: &[
            (25 * DAY, approve(&SOFIA, High, BUDGETS, (&EMRE, &MARIT))),
            (25 * DAY - HOUR, submit("The basement is wet, please be quick.", &PAVEL)),
            (25 * DAY - 3 * HOUR, Act::Start),
            (25 * DAY - 8 * HOUR, pass("Paid from the reserve.", &INES)),
            (25 * DAY - 10 * HOUR, Act::Finish { notes: "The craftsman was paid at once." }),
            (24 * DAY, Act::Close { by: Some(&KOFI) }),
            (24 * DAY, Act::Rate { stars: 2, feedback: Some("The water was quicker than the money.") }),
        ],
        ..asked(
            25 * DAY + 2 * HOUR,
            &KOFI,
            BUDGET,
            "Repair of the basement pump",
            "Water stands in the basement again.",
        )
    },
    Plot {
        details: r#"{"prepared_by":"Freya Holmgard","requested_budget":"1500.00","cost_items":[{"element":"Translation","description":"Forty pages","amount":"1500.00"}]}"#,
        acts: &[
            (18 * DAY, approve(&SOFIA, Medium, BUDGETS, (&CLARA, &INES))),
            (18 * DAY - 2 * HOUR, submit("One quote is enough below 2,000.", &AMINA)),
            (18 * DAY - 20 * HOUR, pass("Approved.", &INES)),
            (17 * DAY, Act::Finish { notes: "The translator has the order." }),
            (14 * DAY, Act::Close { by: None }),
        ],
        ..asked(
            19 * DAY,
            &FREYA,
            BUDGET,
            "Translation of the annual report",
            "The annual report is to be there in English when the assembly meets.",
        )
    },
    Plot {
        details: r#"{"device_type":"Server","asset_name":"Spare storage server","location":"Computer room"}"#,
        acts: &[
            (12 * DAY, approve(&EMRE, Critical, ASSETS, (&SOFIA, &TOMAS))),
            (12 * DAY - 20, submit("The old one stands still.", &YARA)),
            (12 * DAY - 30, Act::Start),
            (12 * DAY - 120, pass("Handed over and running.", &INES)),
            (12 * DAY - 150, Act::Finish { notes: "Serial numbers are exchanged in the inventory." }),
            (11 * DAY, Act::Close { by: Some(&DIEGO) }),
            (11 * DAY, Act::Rate { stars: 5, feedback: Some("Two hours from call to copy. Thank you!") }),
        ],
        talk: SERVER_TALK,
        ..asked(
            12 * DAY + 15,
            &DIEGO,
            CHECK_OUT,
            "Spare storage server, ours has died",
            "The storage server of the warehouse does not start any more, and no lorry can be loaded without it.",
        )
    },
    Plot {
        acts: &[
            (8 * DAY, approve(&CLARA, Low, IT, (&EMRE, &JONAS))),
            (7 * DAY, Act::Start),
            (6 * DAY, Act::Finish { notes: "Granted for the shift leaders' calendar only." }),
            (5 * DAY, Act::Close { by: Some(&ARJUN) }),
        ],
        ..asked(
            8 * DAY + 6 * HOUR,
            &ARJUN,
            ACCESS,
            "Access to the calendar of the shift leaders",
            "I make the plan for the holidays this year.",
        )
    },
];

const SERVER_TALK: &[Remark] = &[
    say(12 * DAY - 40, &YARA, "I am in the store, it is on its way to you."),
    reply(12 * DAY - 60, &DIEGO, "We hold the door of the computer room open."),
    Remark {
        liked_by: &[&YARA, &EMRE],
        ..say(12 * DAY - 160, &DIEGO, "The first lorry has left. Well done, everybody!")
    },
];
