//! Makes trouble in the simulator, and takes it away again. Doing either twice does no harm: a drill
//! that was killed is gone on with.

use super::table::Fault;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::simulator::{Control, Mode, ShopConduct, parse_faults};

/// Begins it.
pub fn begin(control: &Control, fault: Fault) -> Result<()> {
    match fault {
        Fault::Shop(conduct) => control.shop(conduct),
        Fault::Cards(outcome) => control.cards(Some(outcome)),
        Fault::Requests(spec) => {
            control.clear_faults();
            let faults = parse_faults(spec).map_err(|why| impossible(anyhow::anyhow!(why)))?;
            for fault in faults {
                control.fault(fault);
            }
        }
        Fault::Key => {
            let keys = control.keys(Mode::Live);
            keys.map_or(Ok(()), |keys| control.revoke(&keys.secret)).map_err(impossible)?;
        }
    }
    Ok(())
}

/// Repairs it.
pub fn repair(control: &Control, fault: Fault) -> Result<()> {
    match fault {
        Fault::Shop(_) => control.shop(ShopConduct::Good),
        Fault::Cards(_) => control.cards(None),
        Fault::Requests(_) => control.clear_faults(),
        Fault::Key => control.roll(Mode::Live).map_err(impossible)?,
    }
    Ok(())
}

fn impossible(why: anyhow::Error) -> Failure {
    let problem = Problem::new(Code::Internal, "the simulator does not make this trouble").why(format!("{why:#}"));
    Failure::new(Class::Unforeseen, problem).because(why)
}
