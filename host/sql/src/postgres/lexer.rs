//! Cuts a statement into words, so that what it names is known before the server sees it.
//!
//! The lexical rules are PostgreSQL's own with `standard_conforming_strings` on, which every connection sets. What it
//! does not understand it refuses: a text that the server would read differently must not pass.
//!
//! Source: PostgreSQL manual, section 4.1, lexical structure.

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A key word or name without quotes, in lower case.
    Word(String),
    /// A name in quotes, as it is written.
    Quoted(String),
    /// A parameter: the digits after `$`.
    Param(String),
    /// A string, bit string or number.
    Literal,
    /// Anything else, one character each.
    Sign(char),
}

/// What could not be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What is wrong.
    pub(crate) reason: &'static str,
    /// Byte offset.
    pub(crate) at: usize,
}

/// A token and the byte offset at which it begins.
pub(crate) type Placed = (Token, usize);

/// Cuts a statement.
///
/// # Errors
/// [`Unreadable`] for a string, name or comment without an end, and for names with Unicode escapes.
pub(crate) fn tokens(statement: &str) -> Result<Vec<Placed>, Unreadable> {
    let mut lexer = Lexer { text: statement, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fail(&self, reason: &'static str) -> Unreadable {
        Unreadable { reason, at: self.at }
    }

    /// Passes over what `fits`, and returns it.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        let length = self.rest().find(|c| !fits(c)).unwrap_or_else(|| self.rest().len());
        self.at += length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn next_token(&mut self) -> Result<Option<Placed>, Unreadable> {
        self.skip_blank()?;
        let at = self.at;
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let token = match first {
            '\'' => self.string(false)?,
            '"' => Token::Quoted(self.quoted()?),
            '$' => self.dollar()?,
            '0'..='9' => self.number(),
            '.' if self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => self.number(),
            c if begins_name(c) => self.word()?,
            c => {
                self.at += c.len_utf8();
                Token::Sign(c)
            }
        };
        Ok(Some((token, at)))
    }

    fn skip_blank(&mut self) -> Result<(), Unreadable> {
        loop {
            self.take(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}'));
            if self.rest().starts_with("--") {
                self.take(|c| c != '\n' && c != '\r');
            } else if self.rest().starts_with("/*") {
                self.skip_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Comments nest.
    fn skip_comment(&mut self) -> Result<(), Unreadable> {
        let (start, mut depth) = (self.at, 0_u32);
        while let Some(first) = self.rest().chars().next() {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else {
                self.at += first.len_utf8();
            }
        }
        Err(Unreadable { reason: "a comment has no end", at: start })
    }

    /// A string from its quote on; with `escapes` a backslash takes the next character with it.
    fn string(&mut self, escapes: bool) -> Result<Token, Unreadable> {
        let start = self.at;
        self.at += 1;
        while let Some(first) = self.rest().chars().next() {
            self.at += first.len_utf8();
            match first {
                '\\' if escapes => self.at += self.rest().chars().next().map_or(0, char::len_utf8),
                // A doubled quote is one of the text; the next round sees its second half as a beginning and an end.
                '\'' if self.rest().starts_with('\'') => self.at += 1,
                '\'' => return Ok(Token::Literal),
                _ => {}
            }
        }
        Err(Unreadable { reason: "a string has no end", at: start })
    }

    fn quoted(&mut self) -> Result<String, Unreadable> {
        let start = self.at;
        self.at += 1;
        let mut name = String::new();
        while let Some(first) = self.rest().chars().next() {
            self.at += first.len_utf8();
            if first != '"' {
                name.push(first);
            } else if self.rest().starts_with('"') {
                self.at += 1;
                name.push('"');
            } else {
                return Ok(name);
            }
        }
        Err(Unreadable { reason: "a quoted name has no end", at: start })
    }

    /// A parameter or a string in dollar quotes.
    fn dollar(&mut self) -> Result<Token, Unreadable> {
        let start = self.at;
        self.at += 1;
        let digits = self.take(|c| c.is_ascii_digit()).to_owned();
        if !digits.is_empty() {
            return Ok(Token::Param(digits));
        }
        self.take(|c| begins_name(c) || c.is_ascii_digit());
        if !self.rest().starts_with('$') {
            self.at = start + 1;
            return Ok(Token::Sign('$'));
        }
        self.at += 1;
        let mark = self.text.get(start..self.at).unwrap_or_default().to_owned();
        match self.rest().find(&mark) {
            Some(end) => {
                self.at += end + mark.len();
                Ok(Token::Literal)
            }
            None => Err(Unreadable { reason: "a string in dollar quotes has no end", at: start }),
        }
    }

    fn number(&mut self) -> Token {
        // An exponent's sign may be left over as a sign: it changes nothing here.
        self.take(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        Token::Literal
    }

    fn word(&mut self) -> Result<Token, Unreadable> {
        let word = self.take(|c| begins_name(c) || c.is_ascii_digit() || c == '$').to_owned();
        match (word.as_str(), self.rest().as_bytes().first()) {
            ("e" | "E", Some(b'\'')) => self.string(true),
            ("b" | "B" | "x" | "X" | "n" | "N", Some(b'\'')) => self.string(false),
            ("u" | "U", Some(b'&')) if self.rest().starts_with("&'") || self.rest().starts_with("&\"") => {
                Err(self.fail("Unicode escapes are not accepted here"))
            }
            _ => Ok(Token::Word(word.to_lowercase())),
        }
    }
}

fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    fn names(statement: &str) -> Vec<String> {
        let tokens = tokens(statement).unwrap().into_iter();
        tokens
            .filter_map(|(token, _)| match token {
                Token::Word(name) | Token::Quoted(name) => Some(name),
                Token::Param(_) | Token::Literal | Token::Sign(_) => None,
            })
            .collect()
    }

    #[test]
    fn names_are_found_whatever_stands_around_them() {
        for (statement, expected) in [
            ("SELECT a.\"B\"\"c\" from T", &["select", "a", "B\"c", "from", "t"][..]),
            ("select 'it''s' || x", &["select", "x"]),
            (r"select 'a\' , hidden, ''", &["select", "hidden"]),
            (r"select E'a\' , hidden, ' , b", &["select", "b"]),
            ("select $$ a 'b $$, $x$ $$ c $x$, d", &["select", "d"]),
            ("select /* a /* b */ c */ d -- e\n, f", &["select", "d", "f"]),
            ("select $1, 1e5, x'00', é$1", &["select", "é$1"]),
            ("select 1_000.5e-3, .5, a", &["select", "a"]),
            ("select a$b$, c$b$", &["select", "a$b$", "c$b$"]),
        ] {
            assert_eq!(names(statement), expected, "{statement}");
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        for statement in ["select 'a", "select \"a", "select /* a /* b */", "select $$ a", r"select E'a\'", "U&\"a\""] {
            assert!(tokens(statement).is_err(), "{statement}");
        }
    }

    #[test]
    fn offsets_point_at_the_beginning() {
        let found = tokens("select  $12 , b").unwrap();
        assert_eq!(found[1], (Token::Param("12".to_owned()), 8));
        assert_eq!(found[2], (Token::Sign(','), 12));
    }
}
