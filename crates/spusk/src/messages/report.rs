//! The report of a training.

messages! {
    // The page.
    report_training_run() { en: "Training run", ru: "Запуск обучения" }
    report_contents() { en: "Contents", ru: "Содержание" }
    report_more_rows(more) { en: "… and {more} more rows.", ru: "… и ещё строк: {more}." }

    // The headline.
    report_no_test() { en: "This run has no test result.", ru: "Этот запуск не проверен на тестовых данных." }
    report_no_test_examples() {
        en: "There are no test examples, so nothing is known about unseen data.",
        ru: "Тестовых примеров нет, поэтому о новых данных ничего не известно.",
    }
    report_no_test_pictures() {
        en: "There are no test pictures, so nothing is known about unseen ones.",
        ru: "Тестовых картинок нет, поэтому о новых ничего не известно.",
    }
    report_names(hits, examples, accuracy) {
        en: "The network names {hits} of {examples} unseen examples correctly: {accuracy}",
        ru: "Сеть верно называет {hits} из {examples} новых примеров: {accuracy}",
    }
    report_interval(low, high) { en: " (95% interval {low} to {high})", ru: " (95\u{202f}%-й интервал от {low} до {high})" }
    report_no_better(share) {
        en: "That is no better than always naming the commonest class ({share}).",
        ru: "Это не лучше, чем всегда называть самый частый класс ({share}).",
    }
    report_not_clearly_better(share) {
        en: "That is not clearly better than always naming the commonest class ({share}).",
        ru: "Нельзя уверенно сказать, что это лучше, чем всегда называть самый частый класс ({share}).",
    }
    report_would_reach(share) {
        en: "Always naming the commonest class would reach {share}.",
        ru: "Если всегда называть самый частый класс, вышло бы {share}.",
    }
    report_off_values(values, mae, examples, more) {
        en: "Predictions of {values} values are off by {mae} on average over {examples} unseen examples{more}.",
        ru: "Предсказания (величин: {values}) ошибаются в среднем на {mae}, новых примеров: {examples}{more}.",
    }
    report_mean_r2(value) { en: ", mean R² {value}", ru: "; R² в среднем {value}" }
    report_off(target, mae, examples, rmse) {
        en: "Predictions of {target} are off by {mae} on average over {examples} unseen examples (RMSE {rmse}).",
        ru: "Предсказания ({target}) ошибаются в среднем на {mae}, новых примеров: {examples} (RMSE {rmse}).",
    }
    report_the_target() { en: "the target", ru: "цель" }
    report_explains(share, rmse) {
        en: "That explains {share} of the variance; always naming the mean has an RMSE of {rmse}.",
        ru: "Это объясняет {share} разброса; если всегда называть среднее, RMSE равна {rmse}.",
    }
    report_no_better_than_mean(rmse) {
        en: "That is no better than always naming the mean (RMSE {rmse}).",
        ru: "Это не лучше, чем всегда называть среднее (RMSE {rmse}).",
    }
    report_gives_back(code, share, examples, mse) {
        en: "A code of {code} numbers gives back {share} of the variance of {examples} unseen examples (mean squared error {mse})",
        ru: "Код из {code} чисел возвращает {share} разброса новых примеров ({examples}; средний квадрат ошибки {mse})",
    }
    report_below_pca(size, mse) {
        en: ", {size} below principal component analysis with as many ({mse})",
        ru: ", на {size} ниже метода главных компонент с тем же числом ({mse})",
    }
    report_above_pca(size, mse) {
        en: ", {size} above principal component analysis with as many ({mse})",
        ru: ", на {size} выше метода главных компонент с тем же числом ({mse})",
    }
    report_restores_noise(pictures, sigma, psnr) {
        en: "The network restores unseen pictures ({pictures}) from noise of σ = {sigma} to {psnr} dB",
        ru: "Новые картинки ({pictures}) сеть восстанавливает из шума σ = {sigma} до {psnr} дБ",
    }
    report_restores_reduced(pictures, factor, psnr) {
        en: "The network restores unseen pictures ({pictures}) from ones {factor} times smaller each way to {psnr} dB",
        ru: "Новые картинки ({pictures}) сеть восстанавливает из уменьшенных в {factor} раза до {psnr} дБ",
    }
    report_above_others(gain, others) {
        en: "{gain} dB above the best without a network ({others}).",
        ru: "на {gain} дБ выше лучшего без сети ({others}).",
    }
    report_below_others(gain, others) {
        en: "{gain} dB below the best without a network ({others}).",
        ru: "на {gain} дБ ниже лучшего без сети ({others}).",
    }
    report_decibels(name, value) { en: "{name} {value} dB", ru: "{name} {value} дБ" }
    report_forecasts(horizon, names, mae) {
        en: "Forecasts {horizon} steps of {names} with a mean error of {mae}",
        ru: "Прогноз ({names}) на шагов: {horizon}, средняя ошибка {mae}",
    }
    report_beside(share, name) {
        en: "; the mean squared error is {share} of that of the {name} forecast",
        ru: "; средний квадрат ошибки — {share} от такового у прогноза «{name}»",
    }

    // Figures below it.
    fact_accuracy() { en: "Test accuracy", ru: "Точность на тесте" }
    fact_examples(examples) { en: "{examples} examples", ru: "примеров: {examples}" }
    fact_f1() { en: "Macro F1", ru: "F1 по классам" }
    fact_f1_note() { en: "every class counts the same", ru: "все классы равны" }
    fact_loss() { en: "Test loss", ru: "Потеря на тесте" }
    fact_loss_note() { en: "−mean ln p(label)", ru: "−среднее ln p(метка)" }
    fact_rmse() { en: "Test RMSE", ru: "RMSE на тесте" }
    fact_mae() { en: "Mean absolute error", ru: "Средняя ошибка" }
    fact_r2_note() { en: "1 is perfect, 0 the mean", ru: "1 — без ошибок, 0 — среднее" }
    fact_mse() { en: "Test MSE", ru: "MSE на тесте" }
    fact_test_mae() { en: "Test MAE", ru: "MAE на тесте" }
    fact_standardized() { en: "standardized data", ru: "приведённые данные" }
    fact_mean_error() { en: "Mean error", ru: "Средняя ошибка" }
    fact_series_unit() { en: "in the series' unit", ru: "в единицах ряда" }
    fact_reconstruction() { en: "Reconstruction error", ru: "Ошибка восстановления" }
    fact_pca() { en: "Of PCA", ru: "У главных компонент" }
    fact_pca_note() { en: "with as many numbers", ru: "с тем же числом чисел" }
    fact_mean_of(pictures) { en: "mean of {pictures}", ru: "среднее по {pictures}" }
    fact_parameters() { en: "Parameters", ru: "Параметров" }
    fact_time() { en: "Training time", ru: "Время обучения" }

    // Sections.
    report_decisions() { en: "What was done, and why", ru: "Что сделано и почему" }
    report_layers() { en: "Weights and gradients", ru: "Веса и градиенты" }
    report_test() { en: "Test", ru: "Проверка на тесте" }
    report_mistakes() { en: "The worst mistakes", ru: "Худшие ошибки" }
    report_automatic() { en: "How the learning rate was found", ru: "Как найден шаг" }
    report_data() { en: "Data", ru: "Данные" }
    report_model() { en: "Network", ru: "Сеть" }
    report_pictures() { en: "More pictures", ru: "Ещё рисунки" }
    report_settings() { en: "Settings", ru: "Настройки" }
    report_environment() { en: "Environment", ru: "Где считалось" }

    // Settings and where they come from.
    column_setting() { en: "setting", ru: "настройка" }
    column_value() { en: "value", ru: "значение" }
    column_from() { en: "from", ru: "откуда" }
    origin_automatic() { en: "automatic", ru: "выбрано" }
    origin_given() { en: "given", ru: "задано" }
    origin_default() { en: "default", ru: "обычное" }

    // Mistakes.
    report_no_mistakes() { en: "There are none.", ru: "Их нет." }
    column_example() { en: "example", ru: "пример" }
    column_is() { en: "is", ru: "верно" }
    column_badness() { en: "badness", ru: "насколько плохо" }
    badness_log_loss() { en: "log loss", ru: "потеря −ln p" }
    badness_score() { en: "score too high by", ru: "оценка завышена на" }
    report_columns_shown(shown, all) {
        en: "The first {shown} of {all} columns are shown.",
        ru: "Показаны первые {shown} из {all} столбцов.",
    }
    cell_missing() { en: "missing", ru: "нет" }
    cell_another() { en: "another", ru: "другое" }
    cell_unknown() { en: "unknown", ru: "неизвестно" }
    cell_date() { en: "a date", ru: "дата" }

    // The test.
    column_score() { en: "score", ru: "оценка" }
    score_accuracy() { en: "accuracy", ru: "точность" }
    score_top(k) { en: "among the first {k} guesses", ru: "верный класс среди первых {k}" }
    score_commonest() { en: "always the commonest class", ru: "всегда самый частый класс" }
    score_log_loss() { en: "log loss, nats", ru: "−ln p в среднем, нат" }
    score_roc() { en: "area under the ROC curve", ru: "площадь под кривой ROC" }
    score_roc_mean() {
        en: "area under the ROC curve, mean over classes",
        ru: "площадь под кривой ROC, среднее по классам",
    }
    report_no_roc(why) { en: "No ROC curves: {why}.", ru: "Кривых ROC нет: {why}." }
    roc_two_classes() { en: "a ROC curve needs two classes", ru: "кривой ROC нужны два класса" }
    roc_examples() {
        en: "a ROC curve needs examples of at least two classes",
        ru: "кривой ROC нужны примеры хотя бы двух классов",
    }
    roc_too_many(scores) {
        en: "more than {scores} scores would have to be kept for exact ROC curves",
        ru: "для точных кривых ROC пришлось бы хранить больше оценок, чем {scores}",
    }
    report_no_confusion(classes) {
        en: "{classes} classes are too many for a confusion matrix.",
        ru: "Классов {classes} — слишком много для матрицы ошибок.",
    }
    report_called(label, named, times) { en: "{label} called {named}: {times}", ru: "{label} названо {named}: {times}" }
    report_common_mistakes(pairs) {
        en: "The commonest mistakes (how many times): {pairs}.",
        ru: "Самые частые ошибки (сколько раз): {pairs}.",
    }
    report_by_class() { en: "By class", ru: "По классам" }
    column_class() { en: "class", ru: "класс" }
    column_roc_area() { en: "ROC area", ru: "площадь ROC" }
    mean_over_classes() { en: "mean over classes", ru: "среднее по классам" }
    mean_by_examples() { en: "mean, weighted by examples", ru: "среднее по примерам" }
    report_by_class_note() {
        en: "Precision: of those called so, the share that are. Recall: of those that are, the share called so. F1: their harmonic mean.",
        ru: "Точность: какая доля названных так и есть такие. Полнота: какая доля таких названа. F1: их гармоническое среднее.",
    }
    column_of_mean() { en: "… of the mean", ru: "… у среднего" }
    column_mean_error() { en: "mean error", ru: "средняя ошибка" }
    column_median_error() { en: "median error", ru: "медиана ошибки" }
    column_largest() { en: "largest", ru: "наибольшая" }
    column_bias() { en: "bias", ru: "смещение" }
    report_errors_note() {
        en: "Errors are absolute. Bias is the mean of true − predicted: above 0, predictions are too low on the whole.",
        ru: "Ошибки — по модулю. Смещение — среднее разности «верное − предсказанное»: больше 0 — предсказания в целом занижены.",
    }
    report_sampled_median() {
        en: "The median is that of a random sample of the examples.",
        ru: "Медиана — по случайной выборке примеров.",
    }
    column_unit(error) { en: "{error}, unit", ru: "{error}, ед." }
    report_forecast_note() {
        en: "Every step of the test part is an origin once. MSE and MAE are on standardized data; MASE is in errors of the seasonal-naive forecast in the training part.",
        ru: "Каждый шаг тестовой части один раз служит началом прогноза. MSE и MAE — по приведённым данным; MASE — в ошибках сезонного наивного прогноза на обучающей части.",
    }
    score_mse() {
        en: "mean squared error of the inputs, as the network sees them",
        ru: "средний квадрат ошибки входов, какими их видит сеть",
    }
    score_code() { en: "numbers in the code", ru: "чисел в коде" }
    score_pca(components) {
        en: "principal component analysis with {components} numbers",
        ru: "метод главных компонент, чисел: {components}",
    }
    score_below_pca() { en: "below principal component analysis by", ru: "ниже метода главных компонент на" }
    score_mean_example() { en: "always the mean example", ru: "всегда средний пример" }
    score_explained() { en: "share of the variance that is given back", ru: "возвращённая доля разброса" }
    column_picture() { en: "picture", ru: "картинка" }
    column_decibels(method) { en: "{method}, dB", ru: "{method}, дБ" }
    mean_word() { en: "mean", ru: "среднее" }
    report_pictures_note() {
        en: "Whole pictures that were not trained on. dB: peak signal-to-noise ratio against the true picture. SSIM: structural similarity, 1 for equal pictures.",
        ru: "Целые картинки, не участвовавшие в обучении. дБ: отношение пикового сигнала к шуму против верной картинки. SSIM: сходство строения, 1 — у одинаковых.",
    }

    // The data.
    report_split(how) { en: "Split: {how}.", ru: "Разбиение: {how}." }
    split_by_time(seed) { en: "in the order of time, seed {seed}", ru: "по порядку времени, seed {seed}" }
    split_by_name(seed) { en: "in the order of names, seed {seed}", ru: "по порядку имён, seed {seed}" }
    split_stratified(seed) { en: "stratified by class, seed {seed}", ru: "поровну по классам, seed {seed}" }
    split_random(seed) { en: "at random, seed {seed}", ru: "случайно, seed {seed}" }
    report_columns() { en: "Columns", ru: "Столбцы" }
    column_count() { en: "count", ru: "сколько" }
    rows_trained() { en: "trained on", ru: "обучали" }
    rows_validated() { en: "chose the best epoch (validation)", ru: "выбирали лучшую эпоху (проверка)" }
    rows_watched() { en: "watched while training (validation)", ru: "для наблюдения за обучением (проверка)" }
    rows_tested() { en: "held out for the test", ru: "отложены для теста" }
    rows_left_out(reason) { en: "left out: {reason}", ru: "пропущены: {reason}" }
    rows_read() { en: "read", ru: "прочитано" }
    report_bad_account(accounted, read) {
        en: "The account does not add up: {accounted} of {read} examples are accounted for.",
        ru: "Счёт не сходится: учтено {accounted} из {read} примеров.",
    }
    column_column() { en: "column", ru: "столбец" }
    column_role() { en: "role", ru: "роль" }
    column_missing() { en: "missing", ru: "пропусков" }
    column_values() { en: "values", ru: "значения" }
    role_input() { en: "input", ru: "вход" }
    role_ignored() { en: "ignored", ru: "не нужен" }

    // The network.
    report_model_about(parameters, flops) {
        en: "{parameters} parameters (trained numbers); {flops} floating-point operations forward for one example.",
        ru: "Параметров (обучаемых чисел): {parameters}; операций с плавающей точкой вперёд на один пример: {flops}.",
    }
    report_model_memory(memory) {
        en: "A training step works in {memory} of memory.",
        ru: "Шаг обучения занимает {memory} памяти.",
    }
    column_layer() { en: "layer", ru: "слой" }
    column_output() { en: "output", ru: "выход" }

    // On what it ran.
    ran_command() { en: "command", ru: "команда" }
    ran_version() { en: "version", ru: "версия" }
    ran_machine() { en: "machine", ru: "машина" }
    ran_instructions() { en: "instruction set", ru: "набор команд" }
    ran_threads() { en: "threads", ru: "потоков" }
    ran_started() { en: "started", ru: "начато" }
    ran_time() { en: "training time", ru: "время обучения" }
    ran_memory() { en: "peak memory", ru: "памяти не больше" }

    // What a session adds.
    report_time_limit() {
        en: "The time limit ended the training; more time might give more.",
        ru: "Обучение кончилось по времени; дольше могло быть лучше.",
    }
    report_no_test_part() {
        en: "No test part was held out, so nothing is known about unseen data.",
        ru: "Тестовая часть не отложена, поэтому о новых данных ничего не известно.",
    }
    report_task(task) { en: "The task is to {task}.", ru: "Задача: {task}." }
    report_stopped_early(epochs) {
        en: "Training stopped after epoch {epochs}, since the validation loss no longer fell.",
        ru: "Обучение остановлено после эпохи {epochs}: потеря на проверке больше не падала.",
    }
    report_short_steps(epochs) {
        en: "Training stopped in epoch {epochs}: because steps became short, not because a minimum is near.",
        ru: "Обучение остановлено в эпохе {epochs}: потому, что шаги стали короткими, а не потому, что рядом минимум.",
    }
    report_time_was_up(epochs) {
        en: "Training stopped in epoch {epochs}: the time was up.",
        ru: "Обучение остановлено в эпохе {epochs}: вышло время.",
    }
    report_epochs(epochs) { en: "Training took {epochs} epochs.", ru: "Обучение заняло эпох: {epochs}." }
    report_kept(epoch) {
        en: "The weights of epoch {epoch} are kept: its validation loss was the least.",
        ru: "Сохранены веса эпохи {epoch}: потеря на проверке у неё наименьшая.",
    }
    report_loss() { en: "Loss", ru: "Потеря" }
    report_accuracy() { en: "Accuracy", ru: "Точность" }
    report_share_correct() { en: "share named correctly", ru: "доля названных верно" }
    report_rmse() { en: "Root mean squared error", ru: "Корень среднего квадрата ошибки" }
    report_target_unit() { en: "in the target's unit", ru: "в единицах цели" }
    report_psnr() { en: "Peak signal-to-noise ratio", ru: "Отношение пикового сигнала к шуму" }
    report_psnr_unit() { en: "dB, on patches", ru: "дБ, на вырезках" }

    // The whole report.
    full_report_of_training() { en: "The report of the training", ru: "Отчёт об обучении" }
    full_doctor() { en: "Examination", ru: "Осмотр" }
    full_left_out(what, why) {
        en: "{what} could not be made: {why}",
        ru: "{what} — не получилось: {why}",
    }
    full_landscape() { en: "The loss surface", ru: "Поверхность потери" }
    full_activations() { en: "The activations", ru: "Функции активации" }
}
