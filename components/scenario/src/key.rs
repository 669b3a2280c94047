//! Fixed keys: the same thing has the same key in every room, without their asking one another.

use uuid::Uuid;

/// A `UUIDv7` (RFC 9562) of the summer of 2024, so that the demo's rows sort before those that people make.
const BASE: u128 = 0x0190_8000_0000_7000_8000_0000_0000_0000;

/// What a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Person,
    Ticket,
    Attachment,
    Workflow,
    Version,
    Step,
    Transition,
    Task,
    Item,
    Comment,
}

impl Kind {
    const fn code(self) -> u128 {
        match self {
            Self::Person => 1,
            Self::Ticket => 2,
            Self::Attachment => 3,
            Self::Workflow => 4,
            Self::Version => 5,
            Self::Step => 6,
            Self::Transition => 7,
            Self::Task => 8,
            Self::Item => 9,
            Self::Comment => 10,
        }
    }
}

/// The key of the `part`-th thing (from 1) of its kind within `whole`; for things by themselves `whole` is their
/// number and `part` 0.
pub(crate) const fn key(kind: Kind, whole: u16, part: u16) -> Uuid {
    #[expect(clippy::as_conversions, reason = "widening, and `From` is not const")]
    Uuid::from_u128(BASE | (kind.code() << 40) | ((whole as u128) << 16) | (part as u128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_look_like_version_seven_and_differ_by_kind_whole_and_part() {
        let keys = [key(Kind::Person, 1, 0), key(Kind::Ticket, 1, 0), key(Kind::Item, 1, 1), key(Kind::Item, 1, 2)];
        assert!(keys.iter().all(|key| key.get_version_num() == 7 && key.get_variant() == uuid::Variant::RFC4122));
        assert!(keys.iter().enumerate().all(|(n, key)| !keys[..n].contains(key)));
        assert_eq!(keys[2].to_string(), "01908000-0000-7000-8000-090000010001");
    }
}
