//! Tickets that somebody works on: in time, late, handed up, given away, sent back, and two at rest.

use super::{
    ACCESS, Act, BUDGET, CHECK_IN, CHECK_OUT, DAY, HOUR, Plot, Remark, SOFTWARE, approve, aside, asked, pass, reply,
    say, submit,
};
use crate::person::{
    AMINA, ARJUN, ASSETS, BUDGETS, CLARA, DIEGO, EMRE, FREYA, HANNA, INES, IT, JONAS, KOFI, LUCA, MARIT, MEI, NOOR,
    OSKAR, PAVEL, SOFIA, TOMAS, YARA,
};
use crate::ticket::Priority::{Critical, High, Low, Medium};

pub(super) static PLOTS: [Plot; 13] = [
    Plot {
        details: r#"{"device_type":"Monitor","asset_name":"Two monitors","serial_number":"MN-5521-14","condition":"One has a stain"}"#,
        acts: &[
            (24 * HOUR, approve(&EMRE, Medium, ASSETS, (&SOFIA, &INES))),
            (23 * HOUR, Act::Start),
            (22 * HOUR, submit("Complete: two serial numbers and the form of the department.", &OSKAR)),
            (18 * HOUR, Act::Start),
        ],
        talk: MONITORS_TALK,
        ..asked(
            2 * DAY,
            &HANNA,
            CHECK_IN,
            "Return of two monitors",
            "My two monitors were replaced by one large one. Both stand in the corridor in front of room 12 and can be \
             fetched at any time.",
        )
    },
    // Past its target: critical tickets have four hours.
    Plot {
        details: r#"{"device_type":"Laptop","asset_name":"Laptop, 14 inch","location":"Room 207"}"#,
        acts: &[
            (270, approve(&EMRE, Critical, ASSETS, (&CLARA, &TOMAS))),
            (265, Act::Start),
            (4 * HOUR, submit("She begins today and has nothing to work with.", &YARA)),
            (220, Act::Start),
        ],
        talk: &[
            say(90, &NOOR, "@yara.benitaz, she has been sitting beside me since nine. Is there any news?"),
            reply(80, &YARA, "The one I had set aside does not start. I am looking for another."),
            aside(30, &CLARA, "@yara.benitaz, this is past its time. Can you hand it up if the store is empty?"),
        ],
        ..asked(
            5 * HOUR,
            &NOOR,
            CHECK_OUT,
            "Laptop for a new colleague, today",
            "Our new colleague began this morning, and the laptop that was ordered has not arrived. Any laptop will do \
             for the first weeks.",
        )
    },
    // Past its target: the licence is not found.
    Plot {
        acts: &[
            (8 * HOUR, approve(&CLARA, High, IT, (&EMRE, &INES))),
            (7 * HOUR + 30, Act::Start),
            (7 * HOUR, submit("The survey closes tonight, so this is urgent.", &JONAS)),
            (6 * HOUR + 30, Act::Start),
        ],
        talk: &[say(2 * HOUR, &JONAS, "The vendor has not answered about the licence yet. I call them again at four.")],
        ..asked(
            9 * HOUR,
            &LUCA,
            SOFTWARE,
            "Install the statistics package",
            "For the survey I need the statistics package on my workstation, with the module for weighting.",
        )
    },
    // Handed up.
    Plot {
        details: r#"{"prepared_by":"Freya Holmgard","requested_budget":"7450.00","cost_items":[{"element":"Stand","description":"Nine square metres","amount":"5200.00"},{"element":"Travel","description":"Three people","amount":"2250.00"}]}"#,
        acts: &[
            (4 * HOUR, approve(&SOFIA, High, BUDGETS, (&CLARA, &TOMAS))),
            (230, Act::Start),
            (220, submit("Offers for stand and travel are attached to the proposal.", &AMINA)),
            (200, Act::Start),
            (110, Act::Escalate { reason: "The sum is above what I may approve.", to: &MARIT }),
        ],
        talk: &[aside(105, &AMINA, "@marit.solheim, the funds are there. Only the signature is missing.")],
        ..asked(
            9 * HOUR,
            &FREYA,
            BUDGET,
            "Stand and travel for the trade fair",
            "The organiser keeps the place for us until the end of the week. Last year's report with the contacts we made \
             is in the shared folder.",
        )
    },
    // Given to somebody else.
    Plot {
        details: r#"{"device_type":"Phone","asset_name":"Three phones","location":"Warehouse"}"#,
        acts: &[
            (30 * HOUR, approve(&EMRE, Medium, ASSETS, (&SOFIA, &INES))),
            (26 * HOUR, Act::Start),
            (25 * HOUR, submit("Number of phones and cost centre are right.", &OSKAR)),
            (20 * HOUR, Act::Transfer { by: &TOMAS, to: &YARA, notes: "Oskar is on leave until Monday." }),
            (17 * HOUR, Act::Start),
        ],
        ..asked(
            32 * HOUR,
            &DIEGO,
            CHECK_OUT,
            "Three phones for the night shift",
            "The night shift gets a third team, which needs phones that work without gloves being taken off.",
        )
    },
    // Sent back once.
    Plot {
        details: r#"{"prepared_by":"Kofi Mensala","requested_budget":"2890.00","cost_items":[{"element":"Franking machine","description":"With two years of service","amount":"2890.00"}]}"#,
        acts: &[
            (46 * HOUR, approve(&SOFIA, Medium, BUDGETS, (&CLARA, &TOMAS))),
            (45 * HOUR, submit("Forwarded as it came.", &PAVEL)),
            (44 * HOUR, Act::Start),
            (
                36 * HOUR,
                Act::Move { name: "Reject", notes: "There is one quote only; the rules ask for three.", to: &INES },
            ),
            (35 * HOUR, Act::Start),
            (27 * HOUR, submit("Three quotes are there now, the cheapest is the first one.", &AMINA)),
            (15 * HOUR, Act::Start),
        ],
        talk: &[
            say(34 * HOUR, &INES, "@kofi.mensala, can you get two more quotes?"),
            reply(29 * HOUR, &KOFI, "Both are in the shared folder now."),
        ],
        ..asked(
            50 * HOUR,
            &KOFI,
            BUDGET,
            "Replacement of the franking machine",
            "The franking machine is fifteen years old, and there are no parts for it any more.",
        )
    },
    Plot {
        acts: &[(12 * HOUR, approve(&CLARA, Medium, IT, (&EMRE, &MEI))), (10 * HOUR, Act::Start)],
        ..asked(
            15 * HOUR,
            &ARJUN,
            ACCESS,
            "Access to the door system",
            "As the deputy of the caretaker I have to let in craftsmen at the weekend.",
        )
    },
    // Due soon.
    Plot {
        acts: &[(400, approve(&CLARA, High, IT, (&SOFIA, &MEI))), (350, Act::Start)],
        talk: &[say(60, &MEI, "The account is there; I wait for the database team to open the reports.")],
        ..asked(
            9 * HOUR,
            &FREYA,
            ACCESS,
            "Access to the cost reports of the subsidiaries",
            "The consolidation starts tomorrow, and I cannot open the reports of the two subsidiaries.",
        )
    },
    // At its last step.
    Plot {
        acts: &[
            (30 * HOUR, approve(&CLARA, Medium, IT, (&EMRE, &INES))),
            (29 * HOUR, submit("Approved by the department, licence is free of charge.", &MEI)),
            (28 * HOUR, Act::Start),
            (4 * HOUR, pass("Installed and tried with Noor; the voice package is there too.", &INES)),
        ],
        talk: &[say(4 * HOUR, &MEI, "It is installed, @noor.haddan. Please tell us if the voice is too fast.")],
        ..asked(
            33 * HOUR,
            &NOOR,
            SOFTWARE,
            "Install a screen reader",
            "For testing our pages I need a screen reader, the free one is enough.",
        )
    },
    Plot {
        details: r#"{"prepared_by":"Freya Holmgard","requested_budget":"3600.00","cost_items":[{"element":"Licences","description":"Twelve, for one year","amount":"3600.00"}]}"#,
        acts: &[
            (40 * HOUR, approve(&SOFIA, Low, BUDGETS, (&CLARA, &MARIT))),
            (38 * HOUR, submit("Licences are for twelve people, one year.", &PAVEL)),
            (20 * HOUR, Act::Start),
        ],
        ..asked(
            3 * DAY,
            &FREYA,
            BUDGET,
            "Licences for the planning tool",
            "The trial ends next month. All twelve who tried it want to keep it.",
        )
    },
    Plot {
        details: r#"{"device_type":"Phone","asset_name":"Company phone","serial_number":"PH-7702-55","condition":"Good"}"#,
        acts: &[
            (26 * HOUR, approve(&EMRE, Low, ASSETS, (&SOFIA, &TOMAS))),
            (23 * HOUR, submit("The number goes back into the pool.", &YARA)),
        ],
        ..asked(
            28 * HOUR,
            &HANNA,
            CHECK_IN,
            "Return of a company phone",
            "I do not need the second phone any more; it is wiped, and its card is in the box.",
        )
    },
    // === at rest ===
    Plot {
        acts: &[
            (52 * HOUR, approve(&CLARA, Low, IT, (&EMRE, &TOMAS))),
            (50 * HOUR, submit("One workstation, the licence has to be bought.", &MEI)),
            (46 * HOUR, Act::Start),
            (
                26 * HOUR,
                Act::Hold { by: &CLARA, note: "The vendor sends the licence key when the invoice is paid, next week." },
            ),
        ],
        ..asked(
            54 * HOUR,
            &KOFI,
            SOFTWARE,
            "Install the archive viewer",
            "The tax office sends its files in a format that only the archive viewer opens.",
        )
    },
    Plot {
        details: r#"{"device_type":"Desktop","asset_name":"Measuring station","location":"Hall B"}"#,
        acts: &[
            (60 * HOUR, approve(&EMRE, Low, ASSETS, (&SOFIA, &MARIT))),
            (58 * HOUR, submit("Hall B has to be rewired first, see the comment.", &OSKAR)),
            (50 * HOUR, Act::Start),
            (45 * HOUR, Act::Hold { by: &EMRE, note: "Hall B has no power until the electricians are through." }),
        ],
        talk: &[aside(59 * HOUR, &MARIT, "The electricians are ordered; they need two days.")],
        ..asked(
            62 * HOUR,
            &DIEGO,
            CHECK_OUT,
            "Measuring station for hall B",
            "For the acceptance tests in hall B we need the second measuring station, with its table.",
        )
    },
];

const MONITORS_TALK: &[Remark] = &[
    Remark {
        liked_by: &[&HANNA],
        ..say(19 * HOUR, &OSKAR, "Is the stain on the glass or behind it, @hanna.virtala? I would wipe it off here.")
    },
    Remark { file: Some("stain.png"), ..reply(18 * HOUR + 20, &HANNA, "Behind it, I am afraid. Here is a picture.") },
    reply(18 * HOUR, &OSKAR, "Then this one goes to the repair shop. I fetch both tomorrow morning."),
    aside(17 * HOUR, &OSKAR, "Warranty of the stained one ends in two months, so the repair should cost nothing."),
];
