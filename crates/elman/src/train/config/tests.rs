use super::*;

fn check(toml: &str) -> Result<ValidConfig, ConfigError> {
    toml::from_str::<TrainConfig>(toml).unwrap().check()
}

#[test]
fn an_empty_table_is_a_whole_configuration() {
    let valid = check("").unwrap();
    assert_eq!(
        (valid.epochs, valid.batch_size, valid.accumulate),
        (10, 32, 1)
    );
    // As in Keras; Burn's own epsilon is 1e-5.
    assert_eq!(valid.optimizer.name, OptimizerName::Adam);
    assert_eq!(valid.optimizer.learning_rate, 0.001);
    assert_eq!(valid.optimizer.beta_1, Some(0.9));
    assert_eq!(valid.optimizer.beta_2, Some(0.999));
    assert_eq!(valid.optimizer.epsilon, Some(1e-7));
    assert_eq!(valid.optimizer.rho, None);
    assert_eq!(valid.schedule.name, ScheduleName::Constant);
}

#[test]
fn what_is_written_out_reads_back_the_same() {
    let tables = [
        "optimizer = { name = 'sgd', momentum = 0.9 }\nschedule = { name = 'step' }",
        "optimizer = { name = 'rmsprop' }\nschedule = { name = 'cosine', warm_up = 7 }",
        "optimizer = { name = 'adamw' }\nschedule = { name = 'reduce_on_plateau' }",
        "clip_norm = 5.0\nloss = { name = 'huber' }\nearly_stopping = {}\nbptt_len = 35",
        "clip_value = 0.5\nloss = { name = 'cross_entropy', over_time = 'sum' }",
    ];
    for table in tables {
        let valid = check(table).unwrap();
        let written = toml::to_string(valid.config()).unwrap();
        let again = check(&written).unwrap();
        assert_eq!(again.config(), valid.config(), "{written}");
    }
}

#[test]
fn a_wrong_value_is_named_with_its_key_and_range() {
    let cases = [
        (
            "epochs = 0",
            "train.epochs = 0 is not allowed: it must be 1 or more",
        ),
        (
            "batch_size = 0",
            "train.batch_size = 0 is not allowed: it must be 1 or more",
        ),
        (
            "accumulate = 0",
            "train.accumulate = 0 is not allowed: it must be 1 or more",
        ),
        (
            "bptt_len = 0",
            "train.bptt_len = 0 is not allowed: it must be 1 or more",
        ),
        (
            "checkpoint_every = 0",
            "train.checkpoint_every = 0 is not allowed: it must be 1 or more",
        ),
        (
            "clip_norm = 0.0",
            "train.clip_norm = 0 is not allowed: it must be above 0; leave the key out to clip nothing",
        ),
        (
            "clip_norm = 1.0\nclip_value = 1.0",
            "train.clip_value = 1 is not allowed: train.clip_norm is given too; keep one of them",
        ),
        (
            "optimizer.learning_rate = -0.1",
            "train.optimizer.learning_rate = -0.1 is not allowed: it must be a finite number above 0",
        ),
        (
            "optimizer.learning_rate = nan",
            "train.optimizer.learning_rate = NaN is not allowed: it must be a finite number above 0",
        ),
        (
            "optimizer.learning_rate = inf",
            "train.optimizer.learning_rate = inf is not allowed: it must be a finite number above 0",
        ),
        (
            "optimizer.beta_2 = 1.0",
            "train.optimizer.beta_2 = 1 is not allowed: it must be from 0 to below 1",
        ),
        (
            "optimizer.beta_1 = 0.9999999999",
            "train.optimizer.beta_1 = 0.9999999999 is not allowed: it must be from 0 to below 1",
        ),
        (
            "optimizer.epsilon = 1e-50",
            "train.optimizer.epsilon = 0.00000000000000000000000000000000000000000000000001 is not allowed: it must be \
             above 0, and not so small that a 32-bit float takes it for 0",
        ),
        (
            "optimizer.momentum = 0.9",
            "train.optimizer.momentum = 0.9 is not allowed: the optimizer \"adam\" has no such key; remove it",
        ),
        (
            "optimizer = { name = 'sgd', nesterov = true }",
            "train.optimizer.nesterov = true is not allowed: train.optimizer.momentum is 0; Nesterov's form needs some, \
             say 0.9",
        ),
        (
            "optimizer.weight_decay = -1.0",
            "train.optimizer.weight_decay = -1 is not allowed: it must be 0 or more",
        ),
        (
            "schedule = { name = 'step', every = 0 }",
            "train.schedule.every = 0 is not allowed: it must be 1 or more",
        ),
        (
            "schedule = { name = 'step', factor = 1.5 }",
            "train.schedule.factor = 1.5 is not allowed: it must be above 0 and below 1",
        ),
        (
            "schedule = { name = 'cosine', to = 0.1 }",
            "train.schedule.to = 0.1 is not allowed: it must be from 0 to train.optimizer.learning_rate",
        ),
        (
            "schedule.patience = 3",
            "train.schedule.patience = 3 is not allowed: the schedule \"constant\" has no such key; remove it",
        ),
        (
            "early_stopping.patience = 0",
            "train.early_stopping.patience = 0 is not allowed: it must be 1 or more",
        ),
        (
            "early_stopping.min_delta = nan",
            "train.early_stopping.min_delta = NaN is not allowed: it must be 0 or more",
        ),
        (
            "loss = { name = 'mse', delta = 1.0 }",
            "train.loss.delta = 1 is not allowed: the loss \"mse\" has no such key; remove it",
        ),
        (
            "loss = { name = 'cross_entropy', label_smoothing = 1.0 }",
            "train.loss.label_smoothing = 1 is not allowed: it must be from 0 to below 1",
        ),
    ];
    for (toml, expected) in cases {
        assert_eq!(check(toml).unwrap_err().to_string(), expected, "{toml}");
    }
}

#[test]
fn an_unknown_key_or_name_is_an_error() {
    for toml in [
        "epoch = 3",
        "optimizer = { name = 'adagrad' }",
        "optimizer = { lr = 0.1 }",
        "schedule = { name = 'cosinus' }",
        "early_stopping = { patient = 3 }",
        "loss = 'mse'",
    ] {
        assert!(toml::from_str::<TrainConfig>(toml).is_err(), "{toml}");
    }
}
