//! The least that lists certificates: one search, one reading of each object, one line. `make
//! bench` holds `koshin list` against it.
//!
//! `bare-list MODULE`: every certificate of every token, without a login.

use std::{
    env,
    error::Error,
    io::{self, BufWriter, Write as _},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    object::{Attribute, AttributeType, ObjectClass},
};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("no module is named")?;
    let module = Pkcs11::new(path)?;
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for slot in module.get_slots_with_initialized_token()? {
        let session = module.open_ro_session(slot)?;
        let certificates = [Attribute::Class(ObjectClass::CERTIFICATE)];
        for object in session.find_objects(&certificates)? {
            let wanted = [
                AttributeType::Id,
                AttributeType::Label,
                AttributeType::Value,
            ];
            for attribute in session.get_attributes(object, &wanted)? {
                match attribute {
                    Attribute::Id(id) => write!(out, "{id:02x?} ")?,
                    Attribute::Label(label) => {
                        write!(out, "{} ", String::from_utf8_lossy(&label))?;
                    }
                    Attribute::Value(der) => write!(out, "{} bytes ", der.len())?,
                    _ => {}
                }
            }
            writeln!(out)?;
        }
    }
    out.flush()?;
    module.finalize()?;
    Ok(())
}
