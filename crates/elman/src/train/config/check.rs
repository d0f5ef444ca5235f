//! From [`TrainConfig`] to [`ValidConfig`]: ranges, defaults, and keys that do not belong together.

use super::{
    LossConfig, LossName, OptimizerConfig, OptimizerName, ScheduleConfig, ScheduleName,
    TrainConfig, ValidConfig,
};
use crate::train::optimizer::Rule;
use crate::train::schedule::Schedule;

/// A value in the `[train]` table that cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} = {value} is not allowed: {allowed}")]
pub struct ConfigError {
    /// The key's full path, `train.optimizer.learning_rate`.
    pub key: String,
    /// The value found.
    pub value: String,
    /// What would be allowed.
    pub allowed: String,
}

impl TrainConfig {
    /// Checks every value and fills in the defaults that belong to the named optimizer, schedule and loss.
    ///
    /// # Errors
    /// The first key whose value is out of its range, or that the named optimizer, schedule or loss does not have.
    pub fn check(&self) -> Result<ValidConfig, ConfigError> {
        let mut config = self.clone();
        at_least_one("train.epochs", config.epochs)?;
        at_least_one("train.batch_size", config.batch_size)?;
        at_least_one("train.accumulate", config.accumulate)?;
        for (key, count) in [
            ("train.bptt_len", config.bptt_len),
            ("train.checkpoint_every", config.checkpoint_every),
        ] {
            count.map_or(Ok(()), |count| at_least_one(key, count))?;
        }
        // TOML and JSON hold signed 64-bit integers.
        demand(
            "train.seed",
            config.seed,
            i64::try_from(config.seed).is_ok(),
            "it must be below 2^63",
        )?;
        for (key, limit) in [
            ("train.clip_norm", config.clip_norm),
            ("train.clip_value", config.clip_value),
        ] {
            let advice = "it must be above 0; leave the key out to clip nothing";
            limit.map_or(Ok(()), |limit| demand(key, limit, positive(limit), advice))?;
        }
        if let (Some(_), Some(value)) = (config.clip_norm, config.clip_value) {
            demand(
                "train.clip_value",
                value,
                false,
                "train.clip_norm is given too; keep one of them",
            )?;
        }
        if let Some(early) = &config.early_stopping {
            at_least_one("train.early_stopping.patience", early.patience)?;
            let key = "train.early_stopping.min_delta";
            demand(
                key,
                early.min_delta,
                not_negative(early.min_delta),
                NOT_NEGATIVE,
            )?;
        }
        let rule = config.optimizer.resolve()?;
        let rates = config.schedule.resolve(config.optimizer.learning_rate)?;
        config.loss.resolve()?;
        Ok(ValidConfig {
            config,
            rule,
            rates,
        })
    }
}

const NOT_NEGATIVE: &str = "it must be 0 or more";
const SHARE: &str = "it must be from 0 to below 1";

impl OptimizerConfig {
    /// Writes out the defaults of the named rule, and builds it.
    fn resolve(&mut self) -> Result<Rule, ConfigError> {
        use OptimizerName::{Adam, AdamW, RmsProp, Sgd};
        let name = self.name;
        let owner = format!("the optimizer {}", spelled(&name));
        let own = |key: &str, rules: &[OptimizerName]| Own {
            key: format!("train.optimizer.{key}"),
            applies: rules.contains(&name),
            owner: owner.clone(),
        };
        let rate = self.learning_rate;
        demand(
            "train.optimizer.learning_rate",
            rate,
            positive(rate) && rate <= f64::from(f32::MAX),
            "it must be a finite number above 0",
        )?;
        let beta_1 = own("beta_1", &[Adam, AdamW]).share(&mut self.beta_1, 0.9)?;
        let beta_2 = own("beta_2", &[Adam, AdamW]).share(&mut self.beta_2, 0.999)?;
        let epsilon = own("epsilon", &[Adam, AdamW, RmsProp]).take(
            &mut self.epsilon,
            1e-7,
            |epsilon| epsilon as f32 >= f32::MIN_POSITIVE && epsilon.is_finite(),
            "it must be above 0, and not so small that a 32-bit float takes it for 0",
        )?;
        let rho = own("rho", &[RmsProp]).share(&mut self.rho, 0.9)?;
        let momentum = own("momentum", &[Sgd, RmsProp]).share(&mut self.momentum, 0.0)?;
        let nesterov = own("nesterov", &[Sgd]).take(
            &mut self.nesterov,
            false,
            |nesterov| !nesterov || momentum > 0.0,
            "train.optimizer.momentum is 0; Nesterov's form needs some, say 0.9",
        )?;
        let usual = if name == AdamW { 0.01 } else { 0.0 };
        let weight_decay = own("weight_decay", &[Adam, AdamW, RmsProp, Sgd]).take(
            &mut self.weight_decay,
            usual,
            not_negative,
            NOT_NEGATIVE,
        )?;
        Ok(match name {
            Adam => Rule::adam(beta_1, beta_2, epsilon, weight_decay),
            AdamW => Rule::adamw(beta_1, beta_2, epsilon, weight_decay),
            RmsProp => Rule::rmsprop(rho, momentum, epsilon, weight_decay),
            Sgd => Rule::sgd(momentum, nesterov, weight_decay),
        })
    }
}

impl ScheduleConfig {
    /// Writes out the defaults of the named schedule, and builds it.
    fn resolve(&mut self, learning_rate: f64) -> Result<Schedule, ConfigError> {
        use ScheduleName::{Constant, Cosine, ReduceOnPlateau, Step};
        let name = self.name;
        let owner = format!("the schedule {}", spelled(&name));
        let own = |key: &str, schedules: &[ScheduleName]| Own {
            key: format!("train.schedule.{key}"),
            applies: schedules.contains(&name),
            owner: owner.clone(),
        };
        let some = |count: usize| count > 0;
        let below = |rate: f64| (0.0..=learning_rate).contains(&rate);
        let advice = "it must be from 0 to train.optimizer.learning_rate";
        let every = own("every", &[Step]).take(&mut self.every, 10, some, AT_LEAST_ONE)?;
        let factor = own("factor", &[Step, ReduceOnPlateau]).take(
            &mut self.factor,
            0.5,
            |factor| factor > 0.0 && factor < 1.0,
            "it must be above 0 and below 1",
        )?;
        let to = own("to", &[Cosine]).take(&mut self.to, 0.0, below, advice)?;
        let patience =
            own("patience", &[ReduceOnPlateau]).take(&mut self.patience, 3, some, AT_LEAST_ONE)?;
        let min = own("min", &[ReduceOnPlateau]).take(&mut self.min, 0.0, below, advice)?;
        Ok(Schedule {
            learning_rate,
            warm_up: self.warm_up,
            shape: match name {
                Constant => crate::train::schedule::Shape::Constant,
                Step => crate::train::schedule::Shape::Step { every, factor },
                Cosine => crate::train::schedule::Shape::Cosine { to },
                ReduceOnPlateau => crate::train::schedule::Shape::ReduceOnPlateau {
                    factor,
                    patience,
                    min,
                },
            },
        })
    }
}

impl LossConfig {
    /// Writes out the defaults of the named loss. A task that chooses the loss itself also checks what it was given.
    fn resolve(&mut self) -> Result<(), ConfigError> {
        let Some(name) = self.name else {
            return Ok(());
        };
        let own = |key: &str, loss: LossName| Own {
            key: format!("train.loss.{key}"),
            applies: name == loss,
            owner: format!("the loss {}", spelled(&name)),
        };
        own("delta", LossName::Huber).take(&mut self.delta, 1.0, positive, "it must be above 0")?;
        own("label_smoothing", LossName::CrossEntropy).share(&mut self.label_smoothing, 0.0)?;
        Ok(())
    }
}

/// A key that belongs to some of the choices only.
struct Own {
    key: String,
    applies: bool,
    owner: String,
}

impl Own {
    /// The value or its default, which is written back where the key applies.
    fn take<T: Copy + std::fmt::Display>(
        self,
        value: &mut Option<T>,
        default: T,
        in_range: impl FnOnce(T) -> bool,
        allowed: &str,
    ) -> Result<T, ConfigError> {
        match (self.applies, *value) {
            (false, None) => Ok(default),
            (false, Some(given)) => {
                let absent = format!("{} has no such key; remove it", self.owner);
                demand(&self.key, given, false, &absent).map(|()| given)
            }
            (true, given) => {
                let taken = *value.insert(given.unwrap_or(default));
                demand(&self.key, taken, in_range(taken), allowed).map(|()| taken)
            }
        }
    }

    fn share(self, value: &mut Option<f64>, default: f64) -> Result<f64, ConfigError> {
        // Below 1 as the 32-bit float that it becomes, too.
        let in_range = |share: f64| share >= 0.0 && (share as f32) < 1.0;
        self.take(value, default, in_range, SHARE)
    }
}

const AT_LEAST_ONE: &str = "it must be 1 or more";

fn at_least_one(key: &str, count: usize) -> Result<(), ConfigError> {
    demand(key, count, count > 0, AT_LEAST_ONE)
}

fn positive(number: f64) -> bool {
    number.is_finite() && number > 0.0
}

fn not_negative(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}

fn demand(
    key: &str,
    value: impl std::fmt::Display,
    holds: bool,
    allowed: &str,
) -> Result<(), ConfigError> {
    match holds {
        true => Ok(()),
        false => Err(ConfigError {
            key: key.to_owned(),
            value: value.to_string(),
            allowed: allowed.to_owned(),
        }),
    }
}

/// A name as a recipe spells it.
fn spelled(name: &impl serde::Serialize) -> String {
    serde_json::to_string(name).unwrap_or_default()
}
