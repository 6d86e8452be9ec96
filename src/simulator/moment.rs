//! A moment of a world in memory, and the way back to it: one run can be tried on from each of its
//! moments. For tests, through `Control`; a world that is kept in a folder is copied as a folder.

use super::state::{Core, Delivery, RequestLog};
use super::world::World;
use super::{Control, deliver};

/// All that a simulator knows at a moment.
#[derive(Clone)]
pub struct Moment {
    world: World,
    requests: Vec<RequestLog>,
    deliveries: Vec<Delivery>,
}

impl Control {
    /// This moment.
    pub fn moment(&self) -> Moment {
        let core = self.0.core();
        Moment { world: core.world.clone(), requests: core.requests.clone(), deliveries: core.deliveries.clone() }
    }

    /// Everything is as it was at that moment, faults and hooks apart. What is owed to endpoints is
    /// delivered again.
    pub fn return_to(&self, moment: &Moment) {
        {
            let mut core = self.0.core();
            let Core { world, requests, deliveries, in_flight, .. } = &mut *core;
            world.clone_from(&moment.world);
            requests.clone_from(&moment.requests);
            deliveries.clone_from(&moment.deliveries);
            in_flight.clear();
        }
        let _inside = self.0.runtime.enter();
        deliver::resume(&self.0);
    }
}
