//! The promises of the queue, each held by a test named after it. Deliveries end in the test instead of a component.

#[cfg(test)]
mod bed;
#[cfg(test)]
mod broker;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod cron;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod granting;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod operating;
#[cfg(test)]
mod ordering;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod rebinding;
#[cfg(test)]
mod retrying;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod server;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod stopping;
