//! What pictures say of themselves: titles, axes, notes, and descriptions for those who cannot see them.

messages! {
    // Any picture.
    picture_first_shown(shown, all) {
        en: "The first {shown} of {all} are shown.",
        ru: "Показаны первые {shown} из {all}.",
    }
    picture_points_shown(shown, all) {
        en: "{shown} of {all} points are shown.",
        ru: "Показано точек: {shown} из {all}.",
    }
    picture_nothing() { en: "There is nothing to show.", ru: "Показывать нечего." }
    picture_more_entries(more) { en: "… and {more} more", ru: "… и ещё {more}" }
    picture_missing_linear(missing) {
        en: "Values that are not finite (or beyond 10¹⁵⁰) have no place in the picture: {missing}.",
        ru: "Бесконечным значениям и NaN (и большим 10¹⁵⁰) нет места на рисунке: {missing}.",
    }
    picture_missing_log(missing) {
        en: "Values that are not positive and finite have no place in the picture: {missing}.",
        ru: "Неположительным и бесконечным значениям и NaN нет места на рисунке: {missing}.",
    }
    picture_log_scale(label) { en: "{label} (log scale)", ru: "{label} (логарифмическая шкала)" }
    picture_by(what, by) { en: "{what} by {by}.", ru: "{what}, по оси — {by}." }
    picture_from_to(name, from, to) { en: "{name}: from {from} to {to}.", ru: "{name}: от {from} до {to}." }
    epoch_word() { en: "epoch", ru: "эпоха" }
    step_word() { en: "step", ru: "шаг" }
    training_word() { en: "training", ru: "обучение" }
    validation_word() { en: "validation", ru: "проверка" }
    best_epoch() { en: "best epoch", ru: "лучшая эпоха" }
    picture_training() { en: "Training", ru: "Обучение" }

    // Activations, boxes, intervals.
    picture_activations(count, names) {
        en: "{count} functions with their derivatives: {names}.",
        ru: "Функции и их производные ({count}): {names}.",
    }
    picture_distributions() { en: "Distributions", ru: "Распределения" }
    picture_boxes(what, samples) { en: "{what} of {samples} samples.", ru: "{what}, выборок: {samples}." }
    picture_box(name, median, low, high) {
        en: "{name}: median {median}, quartiles {low} and {high}.",
        ru: "{name}: медиана {median}, квартили {low} и {high}.",
    }
    picture_intervals() { en: "Repeats and intervals", ru: "Повторы и интервалы" }
    picture_interval(name, mean, low, high) {
        en: "{name}: mean {mean}, interval {low} to {high}.",
        ru: "{name}: среднее {mean}, интервал от {low} до {high}.",
    }

    // Codes and reconstructions.
    picture_codes() { en: "Codes", ru: "Коды" }
    picture_codes_about(examples, x, y) {
        en: "{examples} examples by {x} and {y}.",
        ru: "Примеров: {examples}; по осям — {x} и {y}.",
    }
    picture_codes_classes(classes) { en: "Classes: {classes}.", ru: "Классы: {classes}." }
    picture_codes_named(named, all) {
        en: "The first {named} of {all} classes are named.",
        ru: "Названы первые {named} из {all} классов.",
    }
    not_known() { en: "not known", ru: "неизвестно" }
    code_first_direction() { en: "first main direction of the codes", ru: "первое главное направление кодов" }
    code_second_direction() { en: "second main direction of the codes", ru: "второе главное направление кодов" }
    code_first_number() { en: "first number of the code", ru: "первое число кода" }
    code_second_number() { en: "second number of the code", ru: "второе число кода" }
    picture_reconstructions() {
        en: "Originals, and below each what is given back",
        ru: "Исходные, и под каждым — восстановленное",
    }
    picture_reconstructions_about(images, error) {
        en: "{images} images and what is given back of them, mean error {error}.",
        ru: "Картинок: {images}, под каждой — восстановленная; средняя ошибка {error}.",
    }
    picture_error(error) { en: "error {error}", ru: "ошибка {error}" }

    // Restored pictures.
    picture_comparison() { en: "Parts of unseen pictures", ru: "Части не виденных при обучении картинок" }
    picture_comparison_about(pictures) { en: "Parts of {pictures} pictures.", ru: "Части картинок ({pictures})." }
    picture_decibels(label, value) { en: "{label}, {value} dB", ru: "{label}, {value} дБ" }

    // The confusion matrix.
    picture_confusion() { en: "Confusion matrix", ru: "Матрица ошибок" }
    picture_confusion_about(right, total) {
        en: "{right} of {total} examples lie on the diagonal, where label and prediction agree.",
        ru: "На диагонали, где метка и ответ совпали, примеров: {right} из {total}.",
    }
    picture_confusion_pair(label, named, times) {
        en: "{label} was taken for {named} {times} times.",
        ru: "{label} принято за {named}, раз: {times}.",
    }
    picture_confusion_cell(label, named, times, support, share) {
        en: "{label} called {named}: {times} of {support}, {share}",
        ru: "{label} названо {named}: {times} из {support}, {share}",
    }
    picture_confusion_part(all, shown) {
        en: "Of {all} classes the {shown} that take part in the most mistakes are shown.",
        ru: "Классов {all}; показаны те, на которые приходится больше всего ошибок: {shown}.",
    }
    picture_confusion_note() {
        en: "A row is a label, a column what it was called. Color: share of the row, by its square root, so that rare mistakes show.",
        ru: "Строка — метка, столбец — ответ. Цвет — доля в строке (её корень, чтобы были видны редкие ошибки).",
    }
    recall_word() { en: "recall", ru: "полнота" }
    precision_word() { en: "precision", ru: "точность" }
    precision_percent() { en: "precision, %", ru: "точность, %" }
    picture_called() { en: "called →", ru: "ответ →" }
    picture_label() { en: "← label", ru: "← метка" }

    // Maps.
    picture_no_map() {
        en: "There is no map: heights or edges are missing.",
        ru: "Карты нет: недостаёт высот или краёв.",
    }
    picture_contours_about(x, y, low, high, paths, points, starts) {
        en: "Heights over {x} and {y}, from {low} to {high}; {paths} paths, {points} marked points, {starts} starts.",
        ru: "Высоты над {x} и {y}, от {low} до {high}; путей {paths}, отмеченных точек {points}, запусков {starts}.",
    }
    picture_decisions() { en: "What the network names where", ru: "Где сеть называет какой класс" }
    picture_decisions_about(x, y, count, names, examples) {
        en: "A map of {x} and {y} with the regions of {count} classes: {names}; {examples} examples as points.",
        ru: "Карта по {x} и {y} с областями классов ({count}): {names}; примеров-точек: {examples}.",
    }
    picture_bad_edges() {
        en: "There is no map: its edges are not rising finite numbers.",
        ru: "Карты нет: края — не возрастающие конечные числа.",
    }
    picture_few_cells(got, rows, columns) {
        en: "There is no map: got {got} cells, expected {rows} × {columns}.",
        ru: "Карты нет: клеток {got}, а нужно {rows} × {columns}.",
    }
    picture_beyond(count) {
        en: "{count} points lie beyond the edges.",
        ru: "За краями лежит точек: {count}.",
    }
    picture_dots_are_training() {
        en: "The dots are training examples.",
        ru: "Точки — обучающие примеры.",
    }
    picture_no_surface() {
        en: "There is no surface: heights are missing.",
        ru: "Поверхности нет: недостаёт высот.",
    }
    picture_surface_about(what, x, y) { en: "{what} as a surface. {x}; {y}.", ru: "{what} как поверхность. {x}; {y}." }
    picture_over(what, by) { en: "{what} over {by}.", ru: "{what}; по оси — {by}." }
    picture_level_at(label, x) { en: "{label} at {x}", ru: "{label} в {x}" }
    picture_sweep_panel(value, step) { en: "{value}, step {step}", ru: "{value}, шаг {step}" }
    picture_sweep_about(steps, rate, count, best, most) {
        en: "{steps} by {rate}, for {count} values; 1/λ = {best}, 2/λ = {most}.",
        ru: "{steps}, по оси — {rate}, значений: {count}; 1/λ = {best}, 2/λ = {most}.",
    }

    // Weights and gradients by layer.
    picture_weights() { en: "Weights by layer", ru: "Веса по слоям" }
    picture_gradients() { en: "Gradients by layer", ru: "Градиенты по слоям" }
    weights_word() { en: "weights", ru: "веса" }
    gradients_word() { en: "gradients", ru: "градиенты" }
    picture_all_values() { en: "all values", ru: "все значения" }
    picture_most_values() { en: "90% of the values", ru: "90\u{202f}% значений" }
    picture_half_values() { en: "half of the values", ru: "половина значений" }
    median_word() { en: "median", ru: "медиана" }
    picture_no_layers() { en: "There are no layers to show.", ru: "Показывать нечего: слоёв нет." }
    picture_bands(what) {
        en: "Vertical: {what}. Line: median. Bands: half, 90% and all of the values.",
        ru: "По вертикали — {what}. Линия — медиана. Полосы — половина, 90\u{202f}% и все значения.",
    }
    picture_one_scale() { en: "All panels share one scale.", ru: "Шкала у всех одна." }
    picture_own_scales() { en: "Each panel has its own scale.", ru: "Шкала у каждого своя." }
    picture_layers_shown(shown, all) {
        en: "{shown} of {all} layers are shown.",
        ru: "Показано слоёв: {shown} из {all}.",
    }
    picture_band_from_zero() {
        en: "A band that begins at 0 reaches down to the edge.",
        ru: "Полоса, начинающаяся с 0, доходит до края.",
    }
    picture_spread(what, layers) {
        en: "How {what} are spread in {layers} layers.",
        ru: "Разброс: {what}, слоёв: {layers}.",
    }
    picture_spread_layer(name, low, high) {
        en: "{name}: at the end 90% lie from {low} to {high}.",
        ru: "{name}: в конце 90\u{202f}% лежат от {low} до {high}.",
    }

    // Forecasts.
    picture_forecast() { en: "Forecast and what came", ru: "Прогноз и то, что наступило" }
    picture_came() { en: "what came", ru: "наступило" }
    forecast_word() { en: "forecast", ru: "прогноз" }
    picture_no_forecast() { en: "There is no forecast to show.", ru: "Показывать нечего: прогноза нет." }
    picture_forecast_about(name, steps, horizon) {
        en: "{name} over {steps} steps, and its forecasts of {horizon} steps each.",
        ru: "{name}, шагов: {steps}, и прогнозы, каждый на шагов: {horizon}.",
    }
    picture_forecast_interval() {
        en: "The band is the interval of its quantiles.",
        ru: "Полоса — интервал квантилей.",
    }
    picture_steps_between(first, last) { en: "steps from {first} to {last}", ru: "шаги от {first} до {last}" }
    picture_step_value(step, value) { en: "step {step}: {value}", ru: "шаг {step}: {value}" }
    value_word() { en: "value", ru: "значение" }

    // The learning rate.
    picture_learning_rate() { en: "Learning rate", ru: "Шаг (скорость обучения)" }
    picture_learning_rate_about(first, most, last) {
        en: "The learning rate starts at {first}, is at most {most} and ends at {last}.",
        ru: "Шаг начинается с {first}, не больше {most} и кончается на {last}.",
    }
    picture_no_learning_rate() { en: "There is no learning rate to show.", ru: "Показывать нечего: шагов нет." }
    picture_range_test() { en: "Learning-rate range test", ru: "Проба шагов" }
    picture_folds_rate() { en: "Learning rates by cross-validation", ru: "Шаги при перекрёстной проверке" }
    picture_folds() { en: "cross-validated loss", ru: "потеря при перекрёстной проверке" }
    picture_smoothed_loss() { en: "loss, smoothed", ru: "потеря, сглажено" }
    picture_at(x, y) { en: "at {x}: {y}", ru: "при {x}: {y}" }
    picture_explodes() {
        en: "The lines leave the picture at the top where the loss explodes.",
        ru: "Линии уходят вверх за край там, где потеря взрывается.",
    }
    picture_chosen() { en: "chosen", ru: "выбран" }
    picture_rate_chosen(rate) { en: "The learning rate {rate} was chosen.", ru: "Выбран шаг {rate}." }
    picture_no_rate_chosen() { en: "No learning rate was chosen.", ru: "Шаг не выбран." }
    picture_range_test_about(loss, lines) {
        en: "{loss} by learning rate, {lines} lines.",
        ru: "{loss} при разных шагах, линий: {lines}.",
    }
    picture_race() { en: "The race of candidates", ru: "Гонка кандидатов" }
    picture_validation_loss() { en: "validation loss", ru: "потеря на проверке" }
    picture_won(name) { en: "{name} (won)", ru: "{name} (победил)" }
    picture_given_up() { en: "given up", ru: "снят" }
    picture_leaves(names) {
        en: "Leaves the picture at the top: {names}.",
        ru: "Уходит вверх за край: {names}.",
    }
    picture_winner(name) { en: "The winner: {name}.", ru: "Победитель: {name}." }
    picture_no_winner() { en: "No winner.", ru: "Победителя нет." }
    picture_race_about(candidates, by) {
        en: "{candidates} candidates, compared by {by}.",
        ru: "Кандидатов: {candidates}, сравнение по: {by}.",
    }

    // Mistakes.
    picture_mistakes() { en: "Named wrongly, worst first", ru: "Названы неверно, худшие впереди" }
    picture_no_mistakes() { en: "There are no mistakes to show.", ru: "Показывать нечего: ошибок нет." }
    picture_mistakes_about(images) { en: "{images} wrongly named images.", ru: "Неверно названных картинок: {images}." }
    picture_taken_for(label, named) { en: "{label} taken for {named}.", ru: "{label} принято за {named}." }
    picture_sure(share) { en: "{share} sure", ru: "увер. {share}" }
    picture_mistake(row, label, named) {
        en: "example {row}: {label}, called {named}",
        ru: "пример {row}: {label}, названо {named}",
    }
    picture_example(row) { en: "example {row}", ru: "пример {row}" }
    picture_no_image() { en: "no image", ru: "нет картинки" }
    picture_is(label) { en: "is {label}", ru: "это {label}" }
    picture_is_called(named) { en: "called {named}", ru: "ответ {named}" }

    // The network, the neuron.
    picture_network() { en: "The network", ru: "Сеть" }
    picture_network_about(layers, parameters) {
        en: "{layers} layers, {parameters} parameters.",
        ru: "Слоёв: {layers}, параметров: {parameters}.",
    }
    picture_network_one_layer(parameters) {
        en: "1 layer, {parameters} parameters.",
        ru: "Один слой, параметров: {parameters}.",
    }
    picture_more_layers(more) { en: "… {more} more layers …", ru: "… ещё слоёв: {more} …" }
    picture_parameters(count) { en: "{count} parameters", ru: "параметров: {count}" }
    picture_skip_tip() {
        en: "skip: added to what the layers between give",
        ru: "в обход: прибавляется к тому, что дали слои между",
    }
    picture_skip() { en: "skip", ru: "обход" }
    picture_neuron() { en: "One neuron", ru: "Один нейрон" }
    picture_sum() { en: "sum", ru: "сумма" }
    picture_output() { en: "output", ru: "выход" }
    picture_bias() { en: "bias", ru: "сдвиг" }
    picture_input(number) { en: "input {number}", ru: "вход {number}" }
    picture_inputs_in_all(count) { en: "({count} inputs in all)", ru: "(всего входов: {count})" }
    picture_together(sum) { en: "together {sum}", ru: "вместе {sum}" }
    picture_more(count) { en: "{count} more", ru: "ещё {count}" }
    picture_gives(sum, total, activation, output) {
        en: "{sum} = {total}; {activation} gives {output}",
        ru: "{sum} = {total}; {activation} даёт {output}",
    }
    picture_profile() { en: "Profile", ru: "Разрез" }

    // Residuals and ROC curves.
    picture_residuals() { en: "Predicted and true values", ru: "Предсказанные и верные значения" }
    target_word() { en: "target", ru: "цель" }
    predicted_word() { en: "predicted", ru: "предсказано" }
    true_word() { en: "true", ru: "верно" }
    picture_predicted(target) { en: "predicted {target}", ru: "{target}, предсказано" }
    picture_true(target) { en: "true {target}", ru: "{target}, верно" }
    picture_the_target(target) { en: "The target: {target}.", ru: "Цель: {target}." }
    picture_no_pairs() {
        en: "There are no pairs of true and predicted values.",
        ru: "Пар верных и предсказанных значений нет.",
    }
    picture_sample(shown, all) {
        en: "A random sample of {shown} of {all} examples.",
        ru: "Случайная выборка: {shown} из {all} примеров.",
    }
    picture_residuals_about(points, target, low, mean) {
        en: "{points} points: true against predicted {target}. {low} are predicted too low. The mean residual is {mean}.",
        ru: "Точек: {points}, верные и предсказанные значения: {target}. Предсказано слишком мало: {low}. Средний остаток {mean}.",
    }
    picture_residual(row, target, predicted) {
        en: "example {row}: true {target}, predicted {predicted}",
        ru: "пример {row}: верно {target}, предсказано {predicted}",
    }
    true_minus_predicted() { en: "true − predicted", ru: "верное − предсказанное" }
    examples_word() { en: "examples", ru: "примеров" }
    picture_bin(from, to, times) { en: "{from} to {to}: {times} examples", ru: "от {from} до {to}: примеров {times}" }
    picture_roc() { en: "ROC curves", ru: "Кривые ROC" }
    picture_false_alarms() {
        en: "false alarms: share of the negatives",
        ru: "ложные тревоги: доля отрицательных",
    }
    picture_found() { en: "found: share of the positives", ru: "найдено: доля положительных" }
    picture_no_roc() {
        en: "There are no curves: each needs positive and negative examples.",
        ru: "Кривых нет: каждой нужны положительные и отрицательные примеры.",
    }
    picture_no_roc_about() { en: "No ROC curve exists.", ru: "Ни одной кривой ROC нет." }
    picture_roc_about(areas) { en: "Area under the ROC curve: {areas}.", ru: "Площадь под кривой ROC: {areas}." }
    picture_roc_many(classes, least) {
        en: "ROC curves of {classes} classes; the smallest area: {least}.",
        ru: "Кривые ROC классов ({classes}); наименьшая площадь: {least}.",
    }
    picture_roc_area(class, area) { en: "{class}: area {area}", ru: "{class}: площадь {area}" }
    picture_area_under() { en: "area under the curve", ru: "площадь под кривой" }
    picture_positive(area, share) { en: "{area} · {share} positive", ru: "{area} · положительных {share}" }
    picture_gray(more, least) { en: "gray: {more} more, {least} or above", ru: "серые: ещё {more}, от {least}" }
}
