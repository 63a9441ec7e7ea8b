//! What happens around every call: counting it, carrying out the orders for it, passing it on.

use cryptoki_sys::{CK_RV, CKR_OBJECT_HANDLE_INVALID, CKR_OK};

use crate::{
    folder::{Folder, give_up},
    order::{Fault, Order},
    pin, process, tamper,
};

/// Passes a call on, with what was ordered for it. `words` are its arguments.
pub(crate) fn around(call: &str, words: &[usize], pass_on: impl Fn() -> CK_RV) -> CK_RV {
    let Some(folder) = Folder::of_environment() else {
        return pass_on();
    };
    let due = due(&folder, call);
    if let Some(rv) = carry_out(&folder, &due, false, words, CKR_OK) {
        return rv;
    }
    let rv = if tamper::has_vanished(call, words) {
        CKR_OBJECT_HANDLE_INVALID
    } else {
        pin::counted(&folder, call, &pass_on)
    };
    tamper::hide_what_vanished(call, words, rv);
    pin::describe(&folder, call, words, rv);
    carry_out(&folder, &due, true, words, rv).unwrap_or(rv)
}

/// The orders for this call, with a name for each.
fn due(folder: &Folder, call: &'_ str) -> Vec<(String, Order)> {
    let orders = folder.read("orders").unwrap_or_default();
    let traced = folder.path("trace").exists();
    if orders.is_empty() && !traced {
        return Vec::new();
    }
    let count = folder.count(call);
    if traced {
        let process = std::process::id();
        folder.add("trace", &format!("{process} {call} {}", count.of_its_name));
    }
    let orders = Order::parse(&orders).unwrap_or_else(|why| give_up(&why));
    orders
        .into_iter()
        .filter(|order| {
            let number = match order.call {
                Some(name) if name == call => count.of_its_name,
                Some(_) => return false,
                None => count.of_all,
            };
            (order.counts.0..=order.counts.1).contains(&number)
        })
        .map(|order| {
            let name = format!("{call} {} {:?}", count.of_its_name, order.fault);
            (name, order)
        })
        .collect()
}

/// Carries out the orders for one side of a call; answers what the call answers then, if it is
/// something else than `rv`.
fn carry_out(
    folder: &Folder,
    due: &[(String, Order)],
    after: bool,
    words: &[usize],
    rv: CK_RV,
) -> Option<CK_RV> {
    let mut answer = None;
    for (name, order) in due.iter().filter(|(_, order)| order.after == after) {
        // A fault that found nothing to spoil has not fired, and is noted only where it has.
        let noted = || folder.add("fired", name);
        match &order.fault {
            Fault::Fail(rv) => {
                noted();
                answer = Some(*rv);
            }
            Fault::Shorten
            | Fault::Lengthen
            | Fault::Empty
            | Fault::Garble
            | Fault::Without(_)
            | Fault::Vanish
            | Fault::Endless => {
                let call = name.split(' ').next().unwrap_or_default();
                let spoilt = tamper::spoil(&order.fault, call, words, answer.unwrap_or(rv));
                if let Some(rv) = spoilt {
                    noted();
                    answer = rv.or(answer);
                }
            }
            fault => {
                noted();
                process::suffer(folder, fault);
            }
        }
    }
    answer
}
