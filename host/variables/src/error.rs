//! What goes wrong with variables. No error holds a value.

/// Why a component's table of variables cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A template names an application variable that has neither a value nor a default.
    #[error(
        "variable \"{own}\" of component \"{component}\" needs the application variable \"{name}\", which is not set"
    )]
    Missing {
        /// Component id.
        component: String,
        /// The component's own name for it.
        own: String,
        /// The application variable.
        name: String,
    },
}

/// Why a component does not get a value it asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// Not lower-case words of ASCII letters and digits joined by single underscores.
    #[error("\"{0}\" is not the name of a variable")]
    InvalidName(String),
    /// The component's table has no such name.
    #[error("no variable \"{0}\"")]
    Undefined(String),
}
