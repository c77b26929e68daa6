//! Errors of tables read as series, and of pictures cut into patches.

messages! {
    // The grid of equal steps.
    series_no_time() { en: "the time is missing", ru: "нет времени" }
    series_want_time() { en: "a time in every row", ru: "время в каждой строке" }
    cure_no_time() {
        en: "fill it in, or say --bad-rows skip to leave such rows out",
        ru: "впишите его или скажите --bad-rows skip, чтобы такие строки пропускать",
    }
    series_times(times) { en: "the table has {times}", ru: "разных моментов времени в таблице: {times}" }
    series_want_times() {
        en: "at least two different times, so that there is a step between them",
        ru: "хотя бы два разных момента времени, чтобы между ними был шаг",
    }
    series_between(step) {
        en: "the time lies between two steps of this series ({step})",
        ru: "время попадает между двумя шагами ряда ({step})",
    }
    series_want_whole(start) {
        en: "times at whole steps from {start}",
        ru: "моменты времени через целое число шагов от {start}",
    }
    cure_between() {
        en: "bring the series to equal steps, say --bad-rows skip to leave such rows out, or leave the time column out with data.ignore to take the rows as they follow each other",
        ru: "приведите ряд к равным шагам, скажите --bad-rows skip, чтобы такие строки пропускать, или исключите столбец времени через data.ignore, чтобы строки шли одна за другой",
    }
    series_long_gap(steps, rows) {
        en: "{steps} would be missing between {rows}",
        ru: "не хватало бы шагов: {steps}, а строк всего {rows}",
    }
    series_want_following(step) {
        en: "a series whose times follow each other, {step}",
        ru: "ряд, где моменты времени идут один за другим ({step})",
    }
    cure_long_gap() {
        en: "correct this time, behind the longest gap, or take a part of the series",
        ru: "исправьте это время (оно за самым длинным пропуском) или возьмите часть ряда",
    }
    series_again(time) { en: "the time {time} comes again", ru: "время {time} повторяется" }
    series_want_once(line) {
        en: "one row for every time; the first is line {line}",
        ru: "одна строка на каждый момент; первая — строка {line}",
    }
    cure_again() {
        en: "remove one of them, or say which counts with data.repeats: last, first or mean",
        ru: "уберите одну из них или скажите, какая считается, через data.repeats: last, first или mean",
    }
    series_gap_row(time) { en: "there is no row for {time}", ru: "нет строки для {time}" }
    series_gap_value(time) { en: "a value is missing at {time}", ru: "нет значения в момент {time}" }
    series_want_value(step) { en: "a value at every step ({step})", ru: "значение на каждом шаге ({step})" }
    cure_gap() {
        en: "add it, or name a rule with data.gaps: previous or interpolate",
        ru: "добавьте или назовите правило через data.gaps: previous или interpolate",
    }

    // Its columns.
    series_column_kind(kind) { en: "the kind of the column is {kind}", ru: "вид столбца: {kind}" }
    series_want_dates() {
        en: "times such as 2026-11-23, 2026-11 or 2026-11-23 09:30",
        ru: "время, например 2026-11-23, 2026-11 или 2026-11-23 09:30",
    }
    cure_other_time() {
        en: "name another column with --time, or leave --time out",
        ru: "назовите другой столбец флагом --time или уберите --time",
    }
    series_want_numbers() { en: "a series of numbers to forecast", ru: "ряд чисел, который прогнозировать" }
    series_none() { en: "no column holds numbers", ru: "ни в одном столбце нет чисел" }
    series_constant(value) {
        en: "all values of the training part are {value}",
        ru: "все значения обучающей части равны {value}",
    }
    series_want_change() { en: "a series that changes", ru: "ряд, который меняется" }

    // Its parts, window and horizon.
    series_train_steps(steps) { en: "the training part has {steps}", ru: "шагов в обучающей части: {steps}" }
    series_want_train(steps, window, horizon) {
        en: "at least {steps}, a window of {window} and a horizon of {horizon}",
        ru: "хотя бы {steps}: окно {window} и горизонт {horizon}",
    }
    cure_short_series() {
        en: "shorten --window or --horizon, or give a longer series",
        ru: "уменьшите --window или --horizon либо дайте ряд подлиннее",
    }
    series_not_above() {
        en: "the training part has values of 0 or less",
        ru: "в обучающей части есть значения не больше 0",
    }
    series_want_above() { en: "values above 0 for data.log", ru: "для data.log значения больше 0" }
    cure_log() {
        en: "leave data.log out, or set it to false",
        ru: "уберите data.log или поставьте false",
    }
    series_huge() {
        en: "the values are too large to be scaled",
        ru: "значения слишком велики, чтобы привести их к одному масштабу",
    }
    series_want_smaller() {
        en: "numbers whose squares are finite",
        ru: "числа, квадраты которых конечны",
    }
    series_want_split() {
        en: "counts such as 8640/2880/2880, shares such as 0.7/0.1/0.2, or the dates at which validation and test begin (and the test ends) such as 2017-06-26/2017-10-24",
        ru: "число шагов, например 8640/2880/2880, доли, например 0.7/0.1/0.2, или даты, с которых начинаются проверка и тест (и где тест кончается), например 2017-06-26/2017-10-24",
    }
    series_steps(steps) { en: "the series has {steps}", ru: "шагов в ряду: {steps}" }
    series_want_sum(sum, split) { en: "{sum} for data.split {split}", ru: "{sum} при data.split {split}" }
    cure_smaller_parts() { en: "choose smaller parts", ru: "выберите части поменьше" }
    series_want_range(most) { en: "1 to {most} steps", ru: "от 1 до {most} шагов" }
    series_memory(rows, series, needed) {
        en: "{rows} rows of {series} series take {needed}",
        ru: "строк {rows}, рядов {series}: нужно {needed}",
    }
    series_want_memory(most) { en: "at most {most}", ru: "не больше {most}" }
    cure_memory() {
        en: "choose fewer series with --target and --ignore, or raise memory_limit",
        ru: "выберите меньше рядов флагами --target и --ignore или увеличьте memory_limit",
    }

    // A saved network meets a new series.
    series_no_forecast() {
        en: "the network does not forecast series",
        ru: "эта сеть ряды не прогнозирует",
    }
    series_no_numbers() { en: "the column holds no numbers", ru: "в столбце не числа" }
    series_want_known() {
        en: "the series that the network was trained on",
        ru: "ряд, на котором сеть обучена",
    }
    series_no_dates() { en: "the column holds no dates", ru: "в столбце не даты" }
    series_want_its_times() { en: "the times of the series", ru: "моменты времени ряда" }
    series_want_window(window) {
        en: "at least {window}, the network's window",
        ru: "хотя бы {window}, окно сети",
    }
    cure_more_before() {
        en: "give more of what came before",
        ru: "дайте больше того, что было раньше",
    }
    series_short_test(source, steps, least, horizon, window) {
        en: "{source}: the series has {steps} steps, expected at least {least} to compare a forecast of {horizon} from a window of {window}; give a longer series",
        ru: "{source}: шагов в ряду {steps}, ожидалось хотя бы {least}, чтобы сравнить прогноз на {horizon} по окну {window}; дайте ряд подлиннее",
    }
    rows_are_series() {
        en: "the network forecasts series, which are read whole",
        ru: "эта сеть прогнозирует ряды, а их читают целиком",
    }
    cure_rows_are_series() {
        en: "use `Trained::predict` or `Trained::evaluate`",
        ru: "вызовите `Trained::predict` или `Trained::evaluate`",
    }

    // Pictures cut into patches.
    patches_want_factor(most) { en: "2 to {most}", ru: "от 2 до {most}" }
    patches_want_sigma(most) {
        en: "more than 0 and at most {most}, in steps of 255",
        ru: "больше 0, но не больше {most}, в единицах шкалы до 255",
    }
    patches_want_side(most) { en: "1 to {most} pixels", ru: "от 1 до {most} пикселей" }
    patches_want_multiple(factor, most) {
        en: "a multiple of the factor {factor}, up to {most}",
        ru: "кратное увеличению {factor}, не больше {most}",
    }
    patches_deep() { en: "the folders lie too deep", ru: "папки вложены слишком глубоко" }
    patches_want_depth(most) { en: "at most {most} inside of each other", ru: "не больше {most} одна в другой" }
    cure_deep() {
        en: "name a folder further inside, or remove a link to a folder around it",
        ru: "назовите папку глубже или уберите ссылку на внешнюю папку",
    }
    patches_none() { en: "no picture can be used", ru: "ни одна картинка не подошла" }
    patches_want_pictures(side) {
        en: "pictures of at least {side} × {side} pixels that can be read",
        ru: "картинки не меньше {side} × {side} пикселей, которые читаются",
    }
    patches_want_strips(side) {
        en: "enough for strips of at least {side} rows for training, validation and test",
        ru: "высота, чтобы хватило полос хотя бы по {side} строк на обучение, проверку и тест",
    }
    cure_strips() {
        en: "take three pictures or more, a smaller data.patch, or other shares",
        ru: "возьмите три картинки или больше, меньший data.patch или другие доли",
    }
    rows_are_pictures() {
        en: "the network restores pictures, which are no rows",
        ru: "эта сеть восстанавливает картинки, а они не строки",
    }
    cure_rows_are_pictures() {
        en: "use `spusk enhance RUN PICTURE --out FILE`",
        ru: "вызовите `spusk enhance RUN PICTURE --out FILE`",
    }
}
