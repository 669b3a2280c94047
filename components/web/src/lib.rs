//! The pages: an application made by Vite, compiled into the component and served from memory. Holds no data and no
//! rights; the application asks the other rooms, as the person who is signed in.

mod address;
mod bindings;
mod encoding;
mod files;
mod http;
