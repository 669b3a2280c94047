//! Tickets that nobody works on yet: new, put off, approved and not begun, and one that no workflow takes.

use super::{
    ACCESS, Act, BUDGET, CHECK_IN, CHECK_OUT, DAY, EXPENSES, HARDWARE, HOUR, NETWORK, Plot, Remark, SOFTWARE, approve,
    aside, asked, reply, say,
};
use crate::person::{
    ARJUN, ASSETS, CLARA, DIEGO, EMRE, FREYA, HANNA, INES, IT, JONAS, KOFI, LUCA, MARIT, NOOR, SOFIA, TOMAS,
};
use crate::ticket::Priority::{High, Low, Medium};

pub(super) static PLOTS: [Plot; 14] = [
    // === new ===
    Plot {
        details: r#"{"issue_type":"Battery","device_type":"Laptop"}"#,
        ..asked(
            14,
            &NOOR,
            HARDWARE,
            "Laptop battery lasts half an hour",
            "Since the last update the battery of my laptop is empty after half an hour, even with the screen dimmed. \
             I give trainings in other buildings and cannot always sit beside a socket.",
        )
    },
    asked(
        52,
        &FREYA,
        ACCESS,
        "Access to the ledger archive",
        "For the audit I need to read the ledgers of the last three years. Reading is enough; my manager agrees and is \
         in copy.",
    ),
    Plot {
        details: r#"{"device_type":"Other","asset_name":"Projector and screen","location":"Main hall"}"#,
        ..asked(
            100,
            &HANNA,
            CHECK_OUT,
            "Projector for the spring fair",
            "For the spring fair we need a projector and the large screen, for three days. I fetch both the evening \
             before and bring them back the morning after.",
        )
    },
    Plot {
        details: r#"{"issue_type":"Wireless","other_issue":"Cable works, wireless does not"}"#,
        ..asked(
            3 * HOUR,
            &DIEGO,
            NETWORK,
            "No wireless network in meeting room 4",
            "Phones and laptops lose the network as soon as the door of meeting room 4 is closed. In the corridor all is \
             well. Next door they say it began when the new cupboard came.",
        )
    },
    Plot {
        details: r#"{"prepared_by":"Kofi Mensala","requested_budget":"4200.00","cost_items":[{"element":"Course fees","description":"Two people","amount":"3600.00"},{"element":"Books","description":"","amount":"600.00"}]}"#,
        ..asked(
            5 * HOUR,
            &KOFI,
            BUDGET,
            "Training budget for the second quarter",
            "Two of us want to take the course on public procurement. The fees are the early ones and rise at the end of \
             the month.",
        )
    },
    Plot {
        details: r#"{"device_type":"Other","asset_name":"Hand scanner","serial_number":"HS-2291-07","condition":"Good"}"#,
        ..asked(
            26 * HOUR,
            &ARJUN,
            CHECK_IN,
            "Return of a hand scanner",
            "The stocktaking is over, and the scanner can go back to the store. The charger and the cradle are with it.",
        )
    },
    // === put off ===
    Plot {
        acts: &[(
            46 * HOUR,
            Act::Defer { by: &CLARA, note: "Which version do you have, and which one do the partners send you?" },
        )],
        talk: &[
            say(45 * HOUR, &CLARA, "@luca.ferrano, a screenshot of the message would also help."),
            reply(44 * HOUR, &LUCA, "I am at a customer until tomorrow and send it then."),
        ],
        ..asked(
            2 * DAY,
            &LUCA,
            SOFTWARE,
            "The drawing program does not open new files",
            "Drawings from our partners do not open any more, the program says they are too new. Please update it.",
        )
    },
    Plot {
        acts: &[(
            4 * DAY,
            Act::Defer { by: &SOFIA, note: "Please add how many parcels there were in the last three months." },
        )],
        ..asked(
            5 * DAY,
            &FREYA,
            EXPENSES,
            "Higher allowance for couriers",
            "The allowance for couriers was set two years ago and is used up by the middle of every month.",
        )
    },
    // === approved, not begun ===
    Plot {
        details: r#"{"device_type":"Tablet","asset_name":"Field tablet","serial_number":"FT-1180-31","condition":"Cracked screen"}"#,
        file: Some("cracked-screen.png"),
        acts: &[(
            40,
            Act::Approve {
                by: &EMRE,
                priority: High,
                department: ASSETS,
                notes: Some("The next team leaves on Thursday and needs it."),
                team: Some((&CLARA, &TOMAS)),
            },
        )],
        ..asked(
            70,
            &DIEGO,
            CHECK_IN,
            "Return of a tablet with a cracked screen",
            "The tablet fell from the van. It still works, but the glass is broken across the corner; the picture shows \
             where. I would need another one before Thursday.",
        )
    },
    Plot {
        acts: &[(3 * HOUR, approve(&CLARA, High, IT, (&EMRE, &JONAS)))],
        talk: &[say(170, &CLARA, "@jonas.tervell, the form with the signature is on its way to you.")],
        ..asked(
            5 * HOUR,
            &NOOR,
            ACCESS,
            "Access to the customer archive",
            "I take over the northern region from Monday on and have to look up older contracts.",
        )
    },
    Plot {
        details: r#"{"device_type":"Other","asset_name":"Camera with two lenses","location":"Press office"}"#,
        acts: &[(8 * HOUR, approve(&EMRE, Medium, ASSETS, (&SOFIA, &INES)))],
        ..asked(
            20 * HOUR,
            &HANNA,
            CHECK_OUT,
            "Loan of a camera for the annual report",
            "The photographer cannot come, so that we take the pictures for the annual report ourselves. Two weeks are \
             enough.",
        )
    },
    Plot {
        details: r#"{"prepared_by":"Kofi Mensala","requested_budget":"1980.00","cost_items":[{"element":"Shelves","description":"Six, with assembly","amount":"1980.00"}]}"#,
        acts: &[(22 * HOUR, approve(&SOFIA, Low, crate::person::BUDGETS, (&CLARA, &MARIT)))],
        ..asked(
            30 * HOUR,
            &KOFI,
            BUDGET,
            "New shelves for the file room",
            "The old shelves bend, and the files of this year already stand on the floor.",
        )
    },
    Plot {
        acts: &[(25, approve(&CLARA, Low, IT, (&EMRE, &INES)))],
        ..asked(
            6 * HOUR,
            &LUCA,
            SOFTWARE,
            "Install the font package for posters",
            "The printer's fonts are missing on my workstation, so that every poster comes back with wrong letters.",
        )
    },
    // === no workflow takes it ===
    Plot {
        details: r#"{"issue_type":"Charging","device_type":"Other"}"#,
        acts: &[(
            4 * HOUR,
            Act::Approve {
                by: &CLARA,
                priority: Medium,
                department: IT,
                notes: Some("There is no workflow for repairs yet; an administrator has to assign it."),
                team: None,
            },
        )],
        talk: UNASSIGNED_TALK,
        ..asked(
            9 * HOUR,
            &ARJUN,
            HARDWARE,
            "Docking station does not charge the laptop",
            "The screen works through the docking station, but the laptop is not charged any more. With another cable it \
             is the same.",
        )
    },
];

const UNASSIGNED_TALK: &[Remark] = &[aside(230, &CLARA, "@tomas.verhage, can somebody of yours take this by hand?")];
