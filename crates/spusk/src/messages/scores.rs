//! Scores as lines, and the names of what networks are compared with.

messages! {
    // Ways of restoring a picture.
    method_noisy() { en: "noisy", ru: "с шумом" }
    method_bilinear() { en: "bilinear", ru: "билинейно" }
    method_bicubic() { en: "bicubic", ru: "бикубически" }
    method_network() { en: "network", ru: "сеть" }
    method_given() { en: "given", ru: "дано" }
    method_true() { en: "true", ru: "верно" }

    // Forecasts.
    forecast_naive() { en: "naive", ru: "наивный" }
    forecast_seasonal_naive() { en: "seasonal naive", ru: "сезонный наивный" }
    forecast_linear() { en: "linear", ru: "линейный" }
    forecast_last_value() { en: "the last value", ru: "последнее значение" }
    forecast_season_before(steps) { en: "the value {steps} steps before", ru: "значение, бывшее шагов назад: {steps}" }
    forecast_least_squares() {
        en: "a weighted sum of the window, by least squares",
        ru: "взвешенная сумма окна, по наименьшим квадратам",
    }
    forecast_coverage(found, wanted) {
        en: "{found} of the values lie in the interval, of which {wanted} should.",
        ru: "В интервале лежит {found} значений, а должно {wanted}.",
    }

    // Lines.
    lines_test(examples) { en: "test on {examples} unseen examples", ru: "проверка на новых примерах: {examples}" }
    lines_test_one() { en: "test on 1 unseen example", ru: "проверка на одном новом примере" }
    lines_test_pictures(pictures) {
        en: "test on unseen pictures: {pictures}; PSNR in dB, SSIM in brackets",
        ru: "проверка на новых картинках: {pictures}; PSNR в дБ, в скобках SSIM",
    }
    lines_test_origins(origins, horizon) {
        en: "test on unseen origins: {origins}, steps of each: {horizon} (MSE and MAE on standardized data)",
        ru: "проверка на новых началах прогноза: {origins}, шагов у каждого: {horizon} (MSE и MAE — по приведённым данным)",
    }
    lines_commonest(share) { en: "always the commonest class: {share}", ru: "всегда самый частый класс: {share}" }
    lines_mean(value) { en: "always the mean: {value}", ru: "всегда среднее: {value}" }
    lines_top5() { en: "top 5", ru: "в первых 5" }
    lines_f1() { en: "macro F1", ru: "F1 по классам" }
    lines_roc() { en: "ROC AUC", ru: "площадь ROC" }
    lines_reconstruction() { en: "reconstruction error", ru: "ошибка восстановления" }
    lines_given_back() { en: "variance given back", ru: "возвращено разброса" }
    lines_pca(numbers) { en: "PCA with {numbers} numbers", ru: "главные компоненты: {numbers}" }
    lines_below(share) { en: "the network is {share} below", ru: "сеть ниже на {share}" }
    lines_above(share) { en: "the network is {share} above", ru: "сеть выше на {share}" }
    lines_gain(decibels) {
        en: "{decibels} dB above the best without a network",
        ru: "на {decibels} дБ выше лучшего без сети",
    }
    lines_lack(decibels) {
        en: "{decibels} dB below the best without a network",
        ru: "на {decibels} дБ ниже лучшего без сети",
    }
    lines_many_classes(classes) {
        en: "{classes} classes are too many to list here; --format json has each",
        ru: "Классов {classes} — слишком много для таблицы; --format json даёт каждый",
    }
    lines_confusion() {
        en: "what is taken for what: a row is what examples are, a column what they are called",
        ru: "что за что принято: строка — что есть, столбец — как названо",
    }
    lines_unit_rmse() { en: "unit RMSE", ru: "RMSE, ед." }
    lines_unit_mae() { en: "unit MAE", ru: "MAE, ед." }
    lines_predicted(rows) { en: "{rows} rows predicted", ru: "предсказано строк: {rows}" }
    lines_predicted_one() { en: "1 row predicted", ru: "предсказана одна строка" }
    lines_own_test(source) {
        en: "{source} is what the run was trained on; its test part is scored",
        ru: "на {source} сеть и обучали; проверяется его тестовая часть",
    }
    note_word(text) { en: "note: {text}", ru: "заметьте: {text}" }
}

/// A way of restoring a picture by the name that files give it.
#[must_use]
pub fn method(l: Language, name: &str) -> String {
    match name {
        "noisy" => method_noisy(l),
        "bilinear" => method_bilinear(l),
        "bicubic" => method_bicubic(l),
        "network" => method_network(l),
        "given" => method_given(l),
        "true" => method_true(l),
        other => other.into(),
    }
}

/// A forecast by the name that files give it.
#[must_use]
pub fn forecast(l: Language, name: &str) -> String {
    match name {
        "naive" => forecast_naive(l),
        "seasonal_naive" => forecast_seasonal_naive(l),
        "linear" => forecast_linear(l),
        other => other.replace('_', " "),
    }
}
