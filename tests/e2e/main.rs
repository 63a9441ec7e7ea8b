//! End-to-end tests on real parts: a theme a file, independent programs as judges.

mod acquisition;
mod answers;
mod architecture;
mod attacks;
mod audit;
mod cli;
mod doctor;
mod faulty_module;
mod files;
mod formats;
mod kinds;
mod names;
mod pending;
mod prompts;
mod recovery;
mod refusals;
mod renewal;
mod resumption;
mod retirement;
mod rollover;
mod secrets;
mod several;
mod starting;
mod time;
mod trouble;
mod vectors;
