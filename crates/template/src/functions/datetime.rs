//! Alertmanager's functions on time.

use super::{Call, Functions, Param};
use crate::layout;
use crate::value::{Time, Value};

const TEXT: Param = Param::Text;

pub fn add(functions: &mut Functions) {
    functions.add(&[
        ("date", &[TEXT, Param::Time], |call| Ok(time(call, 1).format(&call.text(0)).into())),
        ("tz", &[TEXT, Param::Time], |call| {
            let name = call.text(0);
            let zoned = time(call, 1).in_named_zone(&name);
            zoned.map(Value::Time).ok_or_else(|| format!("unknown time zone {name}"))
        }),
        ("now", &[], |call| Ok(call.environment.now.into())),
        ("since", &[Param::Time], |call| Ok(Time::from(call.environment.now).since(&time(call, 0)).into())),
        ("toDate", &[TEXT, TEXT], |call| {
            Ok(layout::parse(&call.text(0), &call.text(1)).unwrap_or_else(|_| Time::zero()).into())
        }),
        ("mustToDate", &[TEXT, TEXT], |call| Ok(layout::parse(&call.text(0), &call.text(1))?.into())),
    ]);
}

fn time(call: &Call<'_>, index: usize) -> Time {
    match call.args.get(index) {
        Some(Value::Time(time)) => time.clone(),
        _ => Time::zero(),
    }
}
