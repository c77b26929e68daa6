//! Data: what was found in them, and what became of every row. Counts come with their noun in English and
//! as plain numbers in Russian (`Language::counted`), where nouns stand before them.

messages! {
    // Sources.
    data_digits() {
        en: "built-in set of 1,797 handwritten digits of 8 × 8 pixels (UCI)",
        ru: "встроенный набор рукописных цифр 8 × 8 (1\u{202f}797 штук, UCI)",
    }
    data_iris() {
        en: "built-in set of 150 flowers by four measures (Fisher 1936)",
        ru: "встроенный набор из 150 цветков по четырём размерам (Фишер, 1936)",
    }
    data_json_lines() { en: "JSON lines", ru: "строки JSON" }
    data_table(delimiter) { en: "table separated by {delimiter}, without header", ru: "таблица, разделитель {delimiter}, без заголовка" }
    data_table_with_header(delimiter) { en: "table separated by {delimiter}, with header", ru: "таблица, разделитель {delimiter}, с заголовком" }
    data_packed(what) { en: "packed {what}", ru: "сжатые данные: {what}" }
    data_side_by_side(files) { en: ", {files} files side by side", ru: ", файлов рядом: {files}" }
    delimiter_comma() { en: "commas", ru: "запятая" }
    delimiter_tab() { en: "tabs", ru: "табуляция" }
    delimiter_semicolon() { en: "semicolons", ru: "точка с запятой" }
    delimiter_bar() { en: "bars", ru: "черта" }
    delimiter_set() { en: "the set delimiter", ru: "заданный знак" }
    delimiter_space() { en: "blanks", ru: "пробелы" }
    data_generated(about) { en: "generated set, {about}", ru: "созданный набор, {about}" }
    data_clouds(clouds, noise) { en: "{clouds} clouds, noise {noise}", ru: "облаков точек: {clouds}, шум {noise}" }
    data_spirals(turns, noise) {
        en: "two spirals of {turns} turns, noise {noise}",
        ru: "две спирали, витков: {turns}, шум {noise}",
    }
    data_moons(noise) { en: "two half circles, noise {noise}", ru: "две половины круга, шум {noise}" }
    data_xor(noise) {
        en: "the exclusive or at four corners, noise {noise}",
        ru: "исключающее «или» в четырёх углах, шум {noise}",
    }
    data_moving_digits(pictures, noise) {
        en: "sequences of {pictures} pictures, noise {noise}",
        ru: "последовательности картинок, по {pictures}, шум {noise}",
    }
    data_idx(images, height, width) {
        en: "IDX files, {images} images of {height} × {width} pixels",
        ru: "файлы IDX, картинок {height} × {width}: {images}",
    }
    data_idx_unlabeled() { en: "IDX file of images without labels", ru: "файл IDX с картинками без меток" }
    data_images(images, height, width) {
        en: "{images} images of {height} × {width} pixels",
        ru: "картинок {height} × {width}: {images}",
    }
    data_npy(shape) { en: "NumPy array of shape {shape}", ru: "массив NumPy, размеры {shape}" }
    data_npz(arrays) { en: "NumPy archive, arrays {arrays}", ru: "архив NumPy, массивы {arrays}" }
    data_gray_pictures(pictures) { en: "{pictures} of gray", ru: "серых картинок: {pictures}" }
    data_color_pictures(pictures) { en: "{pictures} of colors", ru: "цветных картинок: {pictures}" }
    data_passed_over(source, files) {
        en: "{source}: passed over: {files} without a picture",
        ru: "{source}: пропущено файлов, которые не картинки: {files}",
    }
    data_resized(height, width) {
        en: "images are resized to {height} × {width} pixels",
        ru: "картинки приводятся к размеру {height} × {width}",
    }
    data_sizes_differ(different, height, width, rule) {
        en: "the images have {different} different sizes and are resized to {height} × {width} pixels ({rule}); --size chooses another",
        ru: "у картинок разные размеры ({different}), все приводятся к {height} × {width} ({rule}); другой размер выбирает --size",
    }
    size_commonest(height, width) { en: "most have {height} × {width}", ru: "у большинства {height} × {width}" }
    size_median(height, width) { en: "the median is {height} × {width}", ru: "медиана {height} × {width}" }
    size_bounded(rule, longest) {
        en: "{rule}; no side above {longest}, since every pixel is an input",
        ru: "{rule}; ни одной стороны больше {longest}, ведь каждый пиксель — вход",
    }
    data_reduced(from_height, from_width, height, width, longest) {
        en: "images of {from_height} × {from_width} pixels are reduced to {height} × {width}, since every pixel is an input (no side above {longest}); --size chooses another size",
        ru: "картинки {from_height} × {from_width} уменьшаются до {height} × {width}, ведь каждый пиксель — вход (ни одной стороны больше {longest}); другой размер выбирает --size",
    }
    data_quote_is_letter(file) {
        en: "{file}: a quote is a letter here, since a cell begins with one that does not end it (--quotes on reads quotes as the bounds of cells)",
        ru: "{file}: кавычка здесь — буква, ведь одна ячейка с неё начинается, а не кончается ею (с --quotes on кавычки ограничивают ячейки)",
    }
    data_comments(file, lines) {
        en: "{file}: {lines} of comments above the table passed over",
        ru: "{file}: пропущено строк с примечаниями над таблицей: {lines}",
    }
    data_decimal_comma(file) {
        en: "{file}: numbers are written with a decimal comma",
        ru: "{file}: в числах десятичная запятая",
    }
    data_declaration(file, rows, features, classes, width) {
        en: "{file}: line 1 holds counts ({rows} and {features}) and the class names {classes}; it is not a header, so the columns are c1 to c{width}",
        ru: "{file}: в строке 1 — количества (строк {rows}, признаков {features}) и имена классов {classes}; это не заголовок, столбцы зовутся c1 … c{width}",
    }
    data_same_names(file, name, place, unique) {
        en: "{file}: two columns are called {name}; the one at place {place} is now {unique}",
        ru: "{file}: два столбца зовутся {name}; стоящий {place}-м теперь {unique}",
    }
    data_two_orders(column, order) {
        en: "column {column}: its dates can be read in two orders and are taken as {order}",
        ru: "столбец {column}: даты читаются двояко; взято {order}",
    }
    data_promised(file, promised, rows) {
        en: "{file}: the first line promises {promised}, the file has {rows}",
        ru: "{file}: первая строка обещает строк: {promised}, а их {rows}",
    }
    data_skipped(rows, reason, first) {
        en: "{rows} skipped: {reason} (first at {first})",
        ru: "пропущено {rows}: {reason} (первая — {first})",
    }
    data_account(rows, train, validation, test, skipped) {
        en: "{rows} = {train} training + {validation} validation + {test} test + {skipped} skipped",
        ru: "{rows} = обучение {train} + проверка {validation} + тест {test} + пропущено {skipped}",
    }
    data_test_source(rows, skipped) {
        en: "test source: {rows} of which {skipped} skipped",
        ru: "в тестовых данных {rows}, из них пропущено {skipped}",
    }

    data_test_is_training(source) {
        en: "the test data are the training data ({source}): their score says how well the rows were learned by heart, not how new ones will do; without --test, rows are held out",
        ru: "тестовые данные — те же, что обучающие ({source}): оценка скажет, как выучены эти строки, а не как будет на новых; без --test часть строк отложится сама",
    }

    // Why rows are left out, by what files call it.
    skipped_no_target() { en: "the target is missing", ru: "нет цели" }
    skipped_bad_cell() { en: "a cell that does not fit its column", ru: "ячейка не подходит к столбцу" }
    skipped_no_cell() { en: "a cell is missing", ru: "нет ячейки" }
    skipped_not_utf8() { en: "a text that is not UTF-8", ru: "текст не в UTF-8" }
    skipped_own_test() {
        en: "the source's own test part, replaced by the test source",
        ru: "собственная тестовая часть, её заменяют тестовые данные",
    }
    skipped_image() { en: "an image that cannot be read", ru: "картинка не читается" }
    skipped_picture() { en: "a picture that cannot be read", ru: "картинка не читается" }
    skipped_small_picture() { en: "a picture smaller than a patch", ru: "картинка меньше вырезки" }
    skipped_no_time() { en: "no time", ru: "нет времени" }
    skipped_between() { en: "a time between two steps", ru: "время между двумя шагами" }
    skipped_repeated() { en: "a repeated time", ru: "повторное время" }
    skipped_before() {
        en: "before the first value of some series",
        ru: "раньше первого значения какого-то ряда",
    }
    skipped_not_json() { en: "no JSON object of plain values", ru: "не объект JSON с простыми значениями" }
    skipped_wrong_width() { en: "wrong number of cells", ru: "не то число ячеек" }
    skipped_behind() { en: "behind the test part", ru: "после тестовой части" }

    // The task.
    task_classify() { en: "classify", ru: "различать классы" }
    task_regress() { en: "regress", ru: "предсказывать числа" }
    task_forecast() { en: "forecast", ru: "прогноз ряда" }
    task_autoencode() { en: "autoencode", ru: "сжимать и восстанавливать" }
    task_denoise() { en: "denoise", ru: "убирать шум" }
    task_upscale() { en: "upscale", ru: "увеличивать" }
    data_asked_for() { en: "it was asked for", ru: "так попросили" }
    data_horizon_given() { en: "a horizon was given", ru: "задан горизонт" }
    data_several_targets(count) {
        en: "{count} targets are predicted as numbers",
        ru: "целей {count}, предсказываются числами",
    }
    data_holds_classes() { en: "the source holds classes", ru: "в данных есть классы" }
    data_has_classes(count, list) {
        en: "the source names {count} classes ({list})",
        ru: "в данных названы классы ({count}: {list})",
    }
    data_is_boolean(name, no, yes) {
        en: "{name} is boolean ({no}, {yes})",
        ru: "{name} — да или нет ({no}, {yes})",
    }
    data_holds_words(name, different) {
        en: "{name} holds words, {different} different",
        ru: "в {name} слова, различных {different}",
    }
    data_holds_whole(name, different) {
        en: "{name} holds {different}",
        ru: "в {name} различных целых чисел: {different}",
    }
    data_holds_numbers(name, different) {
        en: "{name} holds {different} different numbers",
        ru: "в {name} различных чисел: {different}",
    }
    data_holds_whole_numbers(name, different) {
        en: "{name} holds {different} different whole numbers",
        ru: "в {name} различных целых чисел: {different}",
    }
    data_more_than(count) { en: "more than {count}", ru: "больше {count}" }
    data_target(name, why) {
        en: "the target is {name}, {why}; --target chooses another",
        ru: "цель — {name}, {why}; другую выбирает --target",
    }
    data_by_name() { en: "by its name", ru: "по имени" }
    data_last_column() { en: "the last column", ru: "последний столбец" }
    data_last_no_text() { en: "the last column that holds no texts", ru: "последний столбец без текстов" }
    data_colors_pictures(name) {
        en: "the column {name} is no input; its classes color the pictures",
        ru: "столбец {name} — не вход; его классы раскрашивают рисунки",
    }
    data_named_as_target(name) {
        en: "the column {name} is no input, since it is named as target",
        ru: "столбец {name} — не вход: он назван целью",
    }
    data_single_example(classes, list) {
        en: "{classes} with one example only ({list}): it trains, so nothing tests it",
        ru: "классов с единственным примером: {classes} ({list}); он обучает, и проверить нечем",
    }
    data_absent_classes(absent, all) {
        en: "{absent} of {all} classes have no training example and cannot be learned",
        ru: "без обучающих примеров классов: {absent} из {all}, им не научиться",
    }

    // Columns.
    column_number() { en: "number", ru: "число" }
    column_date() { en: "date", ru: "дата" }
    column_category() { en: "category", ru: "категория" }
    column_boolean() { en: "boolean", ru: "да/нет" }
    column_text() { en: "text", ru: "текст" }
    values_from_to(low, high) { en: "{low} to {high}", ru: "от {low} до {high}" }
    values_written(range, cell, value) {
        en: "{range}, written like {cell} for {value}",
        ru: "{range}, записаны как {cell}, то есть {value}",
    }
    values_different(count, list) { en: "{count} different: {list}", ru: "различных {count}: {list}" }
    values_all_missing() { en: "all missing", ru: "все пропущены" }
    values_missing(count) { en: "{count} missing", ru: "пропусков {count}" }
    texts_words() { en: "words", ru: "слов" }
    texts_characters() { en: "characters", ru: "букв" }
    texts_tokens() { en: "tokens", ru: "токенов" }
    texts_median(middle, unit, length, whole, longer) {
        en: "median {middle} {unit}, {length} are read{whole}, longer: {longer}",
        ru: "медиана {middle} {unit}, читается {length}{whole}, длиннее: {longer}",
    }
    texts_whole(share) { en: " ({share} whole)", ru: " ({share} целиком)" }
    use_target() { en: "target", ru: "цель" }
    use_beside() { en: "series beside the target", ru: "ряд рядом с целью" }
    use_left_out() { en: "left out", ru: "не нужен" }
    use_left_out_since(why) { en: "left out: {why}", ru: "не нужен: {why}" }
    use_order() { en: "the order", ru: "порядок" }
    use_order_and(parts) { en: "the order, and {parts}", ru: "порядок и {parts}" }
    use_number(shown, spread) { en: "number, {shown} / {spread}", ru: "число, {shown} / {spread}" }
    use_boolean(no, yes) { en: "boolean, {no} or {yes}", ru: "да/нет, {no} или {yes}" }
    use_category(values) { en: "category of {values}", ru: "категория, значений {values}" }
    use_date(parts) { en: "date as {parts}", ru: "дата: {parts}" }
    part_days() { en: "days", ru: "дни" }
    part_month_sin() { en: "month (sin)", ru: "месяц (sin)" }
    part_month_cos() { en: "month (cos)", ru: "месяц (cos)" }
    part_weekday_sin() { en: "weekday (sin)", ru: "день недели (sin)" }
    part_weekday_cos() { en: "weekday (cos)", ru: "день недели (cos)" }
    part_hour_sin() { en: "hour (sin)", ru: "час (sin)" }
    part_hour_cos() { en: "hour (cos)", ru: "час (cos)" }
    use_text(tokens, length) { en: "text, {tokens}, up to {length}", ru: "текст, {tokens}, токенов до {length}" }
    use_words(words) { en: "{words} as tokens", ru: "слов-токенов {words}" }
    use_characters(letters) { en: "{letters} as tokens", ru: "букв-токенов {letters}" }
    use_byte_pairs(tokens) { en: "{tokens} by byte-pair encoding", ru: "токенов из пар байтов {tokens}" }
    use_marked() { en: ", marked if missing", ru: ", пропуски помечены" }
    use_rare() { en: ", the rare ones together", ru: ", редкие вместе" }
    use_missing_too() { en: ", missing as one more", ru: ", пропуск — ещё одно" }
    dropped_ignored() { en: "data.ignore names it", ru: "он назван в data.ignore" }
    dropped_numbering() { en: "it numbers the rows", ru: "это номера строк" }
    dropped_all_missing() {
        en: "all its cells are missing in the training part",
        ru: "в обучающей части все ячейки пусты",
    }
    dropped_always(value) {
        en: "it is always {value} in the training part",
        ru: "в обучающей части это всегда {value}",
    }
    dropped_same() {
        en: "it is always the same in the training part",
        ru: "в обучающей части он не меняется",
    }
    dropped_same_date() {
        en: "it is always the same date in the training part",
        ru: "в обучающей части дата всегда одна",
    }
    dropped_never_changes() { en: "it never changes", ru: "он не меняется" }
    dropped_name(different, rows) {
        en: "it has {different} different values in {rows} rows, as a name or a text has",
        ru: "различных значений {different} на {rows} строк, как у имени или текста",
    }
    data_column_left_out(name, why) {
        en: "column {name} is left out: {why}",
        ru: "столбец {name} не нужен: {why}",
    }
    data_two_spellings(name, cell, value, other) {
        en: "column {name}: {cell} is read as {value}; --decimal-comma {other} reads it the other way",
        ru: "столбец {name}: {cell} читается как {value}; иначе читает --decimal-comma {other}",
    }
    data_far_values(name, deviations) {
        en: "column {name} has values {deviations} standard deviations from its mean; --scale log or --scale robust may suit it better",
        ru: "в столбце {name} есть значения в {deviations} отклонениях от среднего; может быть, лучше --scale log или --scale robust",
    }
    data_rare_values(name, kept, different) {
        en: "column {name}: {kept} of its {different} values have an input of their own, the rest share one",
        ru: "столбец {name}: свой вход у значений: {kept} из {different}, у остальных общий",
    }
    data_unknown_tokens(name, unknown, tokens, share) {
        en: "column {name}: {unknown} of {tokens} ({share}) not in the vocabulary of the training",
        ru: "столбец {name}: нет в словаре обучения: {unknown} из {tokens} ({share})",
    }
    data_long_texts(name, texts, length) {
        en: "column {name}: {texts} longer than the {length} tokens that are read",
        ru: "столбец {name}: текстов длиннее читаемых {length} токенов: {texts}",
    }
    data_empty_texts(name, texts) {
        en: "column {name}: {texts} without a token",
        ru: "столбец {name}: текстов без единого токена: {texts}",
    }
    data_unseen_values(name, values, value, line) {
        en: "column {name}: {values} not seen in training, such as {value} in line {line}",
        ru: "столбец {name}: значений, не виденных при обучении: {values}, например {value} в строке {line}",
    }
    data_missing_values(name, values) {
        en: "column {name}: {values} missing, though none was in training; the usual value stands in",
        ru: "столбец {name}: пропусков {values}, а при обучении их не было; подставлено обычное значение",
    }
    data_unused_columns(source, names) {
        en: "{source}: the model does not use {names}",
        ru: "{source}: модели не нужны {names}",
    }

    // Patches of pictures.
    data_patches(patches, side) {
        en: "{patches} of {side} × {side} pixels are drawn in every epoch, turned and mirrored at random",
        ru: "в каждой эпохе вырезок {side} × {side}: {patches}, повёрнутых и отражённых случайно",
    }
    data_patches_noisy(patches, side, sigma) {
        en: "{patches} of {side} × {side} pixels are drawn in every epoch, turned and mirrored at random, each with new noise of σ = {sigma}",
        ru: "в каждой эпохе вырезок {side} × {side}: {patches}, повёрнутых и отражённых случайно, с новым шумом σ = {sigma}",
    }

    data_pictures_held(pictures, validation, test) {
        en: "{pictures} trained on; held out are the last by name: for validation {validation}; for the test {test}",
        ru: "обучающих картинок: {pictures}; отложены последние по имени: для проверки {validation}; для теста {test}",
    }
    data_none() { en: "none", ru: "ни одной" }

    // Series.
    data_no_season(why) { en: "no season: {why}", ru: "сезона нет: {why}" }
    data_season(steps, why) { en: "season of {steps}: {why}", ru: "сезон, шагов {steps}: {why}" }
    season_usual(correlation) {
        en: "a usual cycle at this step, autocorrelation {correlation}",
        ru: "обычный цикл при таком шаге, автокорреляция {correlation}",
    }
    season_peak(correlation) {
        en: "the lag with the highest peak of autocorrelation, {correlation}",
        ru: "сдвиг с высшим пиком автокорреляции, {correlation}",
    }
    season_none() {
        en: "no lag stands out in the autocorrelation",
        ru: "ни один сдвиг не выделяется в автокорреляции",
    }
    data_windows(windows, window, horizon, validation, test, a, b, c) {
        en: "{windows} of {window} + {horizon} train, {validation} validate, {test} test; the parts follow each other in time, up to {a}, {b} and {c}",
        ru: "окон по {window} + {horizon} шагов: обучение {windows}, проверка {validation}, тест {test}; части идут по времени, до {a}, {b} и {c}",
    }
    data_times_in(name) { en: "the times stand in {name}", ru: "время стоит в {name}" }
    data_no_times() {
        en: "there is no column of times; the rows are taken as they follow each other",
        ru: "столбца времени нет; строки берутся по порядку",
    }
    data_all_series(count) {
        en: "all {count} series are forecast; --target chooses some",
        ru: "прогнозируются все ряды ({count}); --target выбирает часть",
    }
    data_no_series(names) {
        en: "left out, since it is no series of numbers: {names}",
        ru: "не нужны, ведь это не ряды чисел: {names}",
    }
    data_constant_series(name) {
        en: "{name} is left out: it never changes in the training part",
        ru: "{name} не нужен: в обучающей части он не меняется",
    }
    data_horizon(steps, step) {
        en: "the next {steps} are forecast, since the series is {step}; --horizon chooses another number",
        ru: "прогноз на шагов: {steps}, ведь ряд — {step}; другое число выбирает --horizon",
    }
    data_logarithms(values, logs) {
        en: "logarithms are forecast: the linear forecast's error (root mean square, standardized) is {values} with values, {logs} with logarithms",
        ru: "прогнозируются логарифмы: ошибка линейного прогноза (приведённая, корень из среднего квадрата) {values} со значениями и {logs} с логарифмами",
    }
    data_plain_values(values, logs) {
        en: "values are forecast: the linear forecast's error (root mean square, standardized) is {values} with values, {logs} with logarithms",
        ru: "прогнозируются сами значения: ошибка линейного прогноза (приведённая, корень из среднего квадрата) {values} со значениями и {logs} с логарифмами",
    }
    data_window(window, compared, base, penalty, mean) {
        en: "window of {window}{compared}; linear forecast: {base}, {penalty}{mean}",
        ru: "окно, шагов {window}{compared}; линейный прогноз: {base}, {penalty}{mean}",
    }
    data_best_window(windows) {
        en: ", the best of {windows} for a linear forecast",
        ru: ", лучшее из {windows} для линейного прогноза",
    }
    data_as_it_is() { en: "as it is", ru: "как есть" }
    data_least_squares(penalty) {
        en: "with least squares around it (penalty {penalty})",
        ru: "и вокруг него наименьшие квадраты (штраф {penalty})",
    }
    data_mean_of_forecasts(windows, mean, best) {
        en: "; the network starts from the mean of the linear forecasts with windows of {windows} steps, whose error on the validation part (mean squared, {mean} where the best one has {best}) is less",
        ru: "; сеть начинает со среднего линейных прогнозов с окнами {windows}: их ошибка на проверке (средний квадрат {mean} против {best} у лучшего) меньше",
    }
    data_unsorted(rows, line) {
        en: "the rows were not in the order of their times ({rows} earlier than the one before, first in line {line}); they are sorted",
        ru: "строки шли не по времени (раньше предыдущей: {rows}, первая — {line}); они упорядочены",
    }
    data_repeated(rows, line, rule) {
        en: "{rows} with a time that was there before, first in line {line}; rule `{rule}` (data.repeats)",
        ru: "строк с уже бывшим временем: {rows}, первая — {line}; правило `{rule}` (data.repeats)",
    }
    data_begins(time) {
        en: "the series begin at {time}: before, some of them has no value yet",
        ru: "ряды начинаются с {time}: раньше не у всех есть значения",
    }
    data_gaps(steps, absent, longest, first, rule) {
        en: "{steps} without all values ({absent} without a row), the longest gap {longest}, first at {first}; filled by rule `{rule}` (data.gaps)",
        ru: "шагов не со всеми значениями: {steps} (вовсе без строки: {absent}), самый длинный пропуск {longest}, первый — {first}; заполнено по правилу `{rule}` (data.gaps)",
    }
    step_rows() { en: "a value a row", ru: "значение в строке" }
    step_monthly() { en: "monthly", ru: "ежемесячный" }
    step_quarterly() { en: "quarterly", ru: "ежеквартальный" }
    step_yearly() { en: "yearly", ru: "ежегодный" }
    step_hourly() { en: "hourly", ru: "ежечасный" }
    step_daily() { en: "daily", ru: "ежедневный" }
    step_days(count) { en: "every {count} days", ru: "с шагом, дней: {count}" }
    step_hours(count) { en: "every {count} hours", ru: "с шагом, часов: {count}" }
    step_minutes(count) { en: "every {count} minutes", ru: "с шагом, минут: {count}" }
    step_minute() { en: "every minute", ru: "ежеминутный" }
    step_seconds(count) { en: "every {count} seconds", ru: "с шагом, секунд: {count}" }
    step_second() { en: "every second", ru: "ежесекундный" }
    step_months(count) { en: "every {count} months", ru: "с шагом, месяцев: {count}" }
    step_weekly() { en: "weekly", ru: "еженедельный" }
}

/// Why rows are left out, by the words that name the reason in the account of the rows.
#[must_use]
pub fn skipped(l: Language, reason: &str) -> String {
    [
        skipped_no_target,
        skipped_bad_cell,
        skipped_no_cell,
        skipped_not_utf8,
        skipped_own_test,
        skipped_image,
        skipped_picture,
        skipped_small_picture,
        skipped_no_time,
        skipped_between,
        skipped_repeated,
        skipped_before,
        skipped_behind,
        skipped_not_json,
        skipped_wrong_width,
    ]
    .into_iter()
    .find(|message| message(Language::English) == reason)
    .map_or_else(|| reason.into(), |message| message(l))
}

/// A delimiter by the word that names it in the settings.
#[must_use]
pub fn delimiter(l: Language, name: &str) -> String {
    [delimiter_comma, delimiter_tab, delimiter_semicolon, delimiter_bar, delimiter_set, delimiter_space]
        .into_iter()
        .find(|message| message(Language::English) == name)
        .map_or_else(|| name.into(), |message| message(l))
}

/// What a date gives the network, by the name of the input.
#[must_use]
pub fn date_part(l: Language, name: &str) -> String {
    [
        part_days,
        part_month_sin,
        part_month_cos,
        part_weekday_sin,
        part_weekday_cos,
        part_hour_sin,
        part_hour_cos,
    ]
    .into_iter()
    .find(|message| message(Language::English) == name)
    .map_or_else(|| name.into(), |message| message(l))
}

/// A kind of column by the word that names it in files.
#[must_use]
pub fn column_kind_named(l: Language, kind: &str) -> String {
    [column_number, column_date, column_category, column_boolean, column_text]
        .into_iter()
        .find(|message| message(Language::English) == kind)
        .map_or_else(|| kind.into(), |message| message(l))
}
