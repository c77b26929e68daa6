//! Errors: what is wrong, where, what was got, what was expected, what helps.

messages! {
    // The sentence around the parts of an error.
    error_line(line) { en: "line {line}", ru: "строка {line}" }
    error_byte(byte) { en: "byte {byte}", ru: "байт {byte}" }
    error_column(column) { en: "column {column}", ru: "столбец {column}" }
    error_expected(what) { en: "expected {what}", ru: "ожидалось: {what}" }
    error_help() { en: "help", ru: "совет" }
    error_more_problems(more) { en: "and {more} more problems", ru: "и ещё ошибок: {more}" }

    // Files.
    error_no_file() { en: "there is no such file or directory", ru: "нет такого файла или каталога" }
    error_file_ends() { en: "the file ends too early", ru: "файл кончается раньше времени" }
    error_a_directory() { en: "this is a directory", ru: "это каталог" }
    error_want_a_file() { en: "a file", ru: "файл" }
    error_no_source() { en: "there is no such source", ru: "нет такого источника" }
    error_want_source(names) {
        en: "a built-in set or a path, such as {names}",
        ru: "встроенный набор или путь, например {names}",
    }
    error_unknown_kind() {
        en: "the kind of this file is not known",
        ru: "вид этого файла неизвестен",
    }
    error_write_kind() {
        en: "write the kind before it, such as csv:FILE",
        ru: "напишите вид перед ним, например csv:FILE",
    }

    // Tables.
    error_no_column(name) { en: "there is no column {name}", ru: "столбца {name} нет" }
    error_one_of(names) { en: "one of {names}", ru: "что-то из {names}" }
    error_all_names(count) { en: "… ({count} in all)", ru: "… (всего {count})" }
    error_name_column() {
        en: "name one of them, or give its number from 1, or `last`",
        ru: "назовите один из них, или дайте его номер, считая с 1, или `last`",
    }
    error_no_rows() { en: "the table has no rows", ru: "в таблице нет строк" }
    error_no_usable_row() { en: "no row could be used", ru: "ни одна строка не подошла" }
    error_want_examples() { en: "examples to learn from", ru: "примеры, на которых учиться" }
    error_empty_file() { en: "the file is empty", ru: "файл пуст" }
    error_want_rows() { en: "a table with rows", ru: "таблица со строками" }
    error_line_cells(cells) { en: "the line has {cells}", ru: "в строке ячеек: {cells}" }
    error_as_header(cells) { en: "{cells} as in the header", ru: "{cells}, как в заголовке" }
    error_as_first_line(cells) { en: "{cells} as in the first line", ru: "{cells}, как в первой строке" }
    error_correct_line() {
        en: "correct the line, or say --bad-rows skip to leave such lines out",
        ru: "исправьте строку или скажите --bad-rows skip, чтобы такие строки пропускать",
    }
    error_got(what) { en: "got {what}", ru: "стоит {what}" }
    error_got_more(what, more) {
        en: "got {what} (and {more} more like it)",
        ru: "стоит {what} (и ещё таких: {more})",
    }
    error_want_number() { en: "a finite number", ru: "конечное число" }
    error_want_date(example) { en: "a date such as {example}", ru: "дата, например {example}" }
    error_as_in_training(what) { en: "{what}, as in training", ru: "{what}, как при обучении" }
    error_as_most(what, kind) {
        en: "{what}, as in most rows of this {kind} column",
        ru: "{what}, как в большинстве строк этого столбца ({kind})",
    }
    error_as_set(what, kind) {
        en: "{what}, since --columns reads this column as {kind}",
        ru: "{what}, ведь по --columns этот столбец — {kind}",
    }
    error_correct_cell() {
        en: "correct the cell, or say --bad-rows skip to leave such rows out",
        ru: "исправьте ячейку или скажите --bad-rows skip, чтобы такие строки пропускать",
    }
    cure_correct_cell() { en: "correct the cell", ru: "исправьте ячейку" }
    cure_skip_rows() {
        en: "say --bad-rows skip to leave such rows out",
        ru: "скажите --bad-rows skip, чтобы такие строки пропускать",
    }
    cure_header() {
        en: "say --header on if line 1 holds the names",
        ru: "скажите --header on, если в строке 1 стоят имена",
    }
    cure_comma(value) {
        en: "say --decimal-comma {value} if numbers are written so",
        ru: "скажите --decimal-comma {value}, если числа так пишутся",
    }
    cure_missing(word) {
        en: "say --missing-values='{word}' if it means a missing value",
        ru: "скажите --missing-values='{word}', если это пропуск",
    }
    cure_category(column) {
        en: "say --columns '{column}=category' if these are words",
        ru: "скажите --columns '{column}=category', если это слова",
    }
    cure_or() { en: ", or ", ru: ", или " }

    // The target.
    error_held_out(held) {
        en: "no row is left to train on, {held} held out",
        ru: "не осталось строк для обучения, отложено {held}",
    }
    error_want_targets() { en: "rows whose target is known", ru: "строки с известной целью" }
    error_one_class(class) { en: "all rows have the class {class}", ru: "у всех строк класс {class}" }
    error_want_classes() { en: "two classes or more", ru: "два класса или больше" }
    cure_other_column() {
        en: "choose another column with --target",
        ru: "выберите другой столбец флагом --target",
    }
    error_constant_target(value) {
        en: "the target is {value} in all training rows",
        ru: "цель во всех обучающих строках равна {value}",
    }
    error_want_varying() { en: "a target that varies", ru: "цель, которая меняется" }
    error_target_dates() { en: "the target holds dates", ru: "в столбце цели даты" }
    error_target_texts() { en: "the target holds texts", ru: "в столбце цели тексты" }
    error_want_target() { en: "numbers or classes", ru: "числа или классы" }
    cure_target_category(column) {
        en: "choose another column with --target, or say --columns '{column}=category' if its values are classes",
        ru: "выберите другой столбец флагом --target или скажите --columns '{column}=category', если его значения — классы",
    }
    error_many_values(different, rows) {
        en: "{different} different values in {rows} rows",
        ru: "различных значений {different} на строк {rows}",
    }
    error_want_repeating(most) {
        en: "classes that repeat, at most {most}",
        ru: "повторяющиеся классы, не больше {most}",
    }
    error_no_labels() { en: "there are no labels", ru: "меток нет" }
    error_want_labels() { en: "a label for every row", ru: "метка у каждой строки" }
    cure_labels() {
        en: "add them beside the images; without them rows can only be predicted, or give back with --task autoencode",
        ru: "добавьте их рядом с картинками; без них можно только предсказывать или учить автокодировщик: --task autoencode",
    }

    // Pictures.
    error_no_images() { en: "there are no images", ru: "картинок нет" }
    error_want_images() {
        en: "a folder of PNG, JPEG, BMP or GIF files for each class",
        ru: "папка файлов PNG, JPEG, BMP или GIF для каждого класса",
    }
    cure_images() {
        en: "or a directory of IDX files with the MNIST names",
        ru: "или каталог файлов IDX с именами, как у MNIST",
    }
    cure_images_or_tables() {
        en: "or a directory of IDX files with the MNIST names; tables are named one by one, and of texts a table of passages and their classes is read",
        ru: "или каталог файлов IDX с именами, как у MNIST; таблицы называют по одной, а тексты читаются из таблицы отрывков с классами",
    }
    error_no_readable_image() { en: "no image can be read", ru: "ни одна картинка не читается" }
    error_large_images(height, width) {
        en: "the images have {height} × {width} pixels",
        ru: "размер картинок {height} × {width}",
    }
    error_want_small_images() {
        en: "smaller ones, since every pixel is an input",
        ru: "картинки поменьше, ведь каждый пиксель — вход",
    }
    cure_size() {
        en: "choose a smaller one, such as --size 64x64",
        ru: "выберите размер поменьше, например --size 64x64",
    }

    // New rows for a trained network.
    error_unknown_class(class) {
        en: "got the class {class}, which training did not have",
        ru: "стоит класс {class}, которого при обучении не было",
    }
    error_want_class(classes) {
        en: "one of the classes of {classes}",
        ru: "один из классов, что были при обучении ({classes})",
    }
    cure_unknown_class() {
        en: "remove the row, or train with data that have this class",
        ru: "уберите строку или обучите на данных, где этот класс есть",
    }
    error_absent_column(name) { en: "there is no column {name}", ru: "столбца {name} нет" }
    error_absent_columns(names) { en: "there are no columns {names}", ru: "нет столбцов {names}" }
    error_want_columns() {
        en: "all columns that the model was trained with",
        ru: "все столбцы, на которых сеть обучена",
    }
    cure_absent_columns() {
        en: "add them; cells may be empty where a value is not known",
        ru: "добавьте их; где значение неизвестно, ячейка может быть пустой",
    }
    error_columns(count) { en: "there are {count}", ru: "столбцов: {count}" }
    error_want_width(columns, whole) {
        en: "{columns}, or {whole} with the target, as in training",
        ru: "{columns}, или {whole} с целью, как при обучении",
    }
    error_no_target(names) { en: "there is no target {names}", ru: "цели {names} нет" }
    error_want_comparison() {
        en: "the target beside the features, to compare predictions with",
        ru: "цель рядом с признаками, чтобы было с чем сравнить предсказания",
    }

    // The folder of a run.
    run_no_directory(path) { en: "there is no directory {path}", ru: "каталога {path} нет" }
    run_not_a_run(path) {
        en: "{path} is not a run: it has no experiment.toml; name a directory that `spusk train` made",
        ru: "{path} — не каталог обучения: в нём нет experiment.toml; назовите каталог, созданный командой `spusk train`",
    }
    run_missing(path) { en: "{path} is missing", ru: "нет файла {path}" }
    run_missing_cure(path) {
        en: "{path} is missing; did the run finish? --resume takes it to its end",
        ru: "нет файла {path}; дошло ли обучение до конца? --resume доведёт",
    }
    run_newer(path, format, known) {
        en: "{path} has format {format}, this version of spusk reads up to {known}; update spusk",
        ru: "у {path} формат {format}, а эта версия spusk читает до {known}; обновите spusk",
    }
    run_damaged(path, why) { en: "{path} is damaged: {why}", ru: "{path} повреждён: {why}" }
    run_not_empty(path) {
        en: "{path} is not empty; go on with the run in it by --resume, or choose another directory",
        ru: "каталог {path} не пуст; продолжите обучение в нём флагом --resume или возьмите другой каталог",
    }
    run_a_file(path) {
        en: "{path} is a file, a directory is needed for the run",
        ru: "{path} — файл, а для обучения нужен каталог",
    }
    run_locked(path, holder) {
        en: "the run {path} is locked by {holder}; wait for it to end, or stop it",
        ru: "каталог {path} занят ({holder}); дождитесь конца или остановите",
    }
    run_other_process() { en: "another process", ru: "другой процесс" }
    run_cannot_read(path, why) { en: "cannot read {path}: {why}", ru: "не удаётся прочесть {path}: {why}" }
    run_cannot_write(path, why) { en: "cannot write {path}: {why}", ru: "не удаётся записать {path}: {why}" }
    cure_free_space() { en: "; free some space", ru: "; освободите место" }
    cure_writable() {
        en: "; choose a directory that can be written, with --out",
        ru: "; выберите флагом --out каталог, куда можно писать",
    }

    // Training.
    train_no_rows() {
        en: "the training part has no rows; give more data, or smaller validation and test parts",
        ru: "в обучающей части нет строк; дайте больше данных или меньшие проверочную и тестовую части",
    }
    train_diverged(step, epoch, rate, what) {
        en: "training diverged at step {step} (epoch {epoch}, learning rate {rate}): {what}",
        ru: "обучение разошлось на шаге {step} (эпоха {epoch}, скорость обучения {rate}): {what}",
    }
    train_bad_loss() {
        en: "the loss is not a finite number; lower the learning rate",
        ru: "потеря — не конечное число; уменьшите скорость обучения",
    }

    train_resume_own() {
        en: "--resume takes the run's own experiment, not another",
        ru: "--resume берёт настройки самого обучения, других с ним не дают",
    }
    train_resume_keeps(key, others) {
        en: "a resumed run keeps its `{key}`; only {others} may change. To train with another `{key}`, start a new run",
        ru: "при продолжении `{key}` остаётся прежним; менять можно только {others}. Для другого `{key}` начните новое обучение",
    }
    train_no_experiment(file) {
        en: "{file} is no experiment file; to train on it, say --data {file}",
        ru: "{file} — не файл настроек; чтобы учиться на нём, скажите --data {file}",
    }

    // What stands behind the flags of `minimize`.
    minimize_positive(name, value) {
        en: "--{name} {value}: expected a number above 0",
        ru: "--{name} {value}: ожидалось число больше 0",
    }
    minimize_optimizer(given) {
        en: "--optimizer {given}: expected the name of an optimizer",
        ru: "--optimizer {given}: ожидалось имя метода",
    }
    point_not_finite(value) { en: "`{value}` is not a finite number", ru: "`{value}` — не конечное число" }
    point_missing(name, all) {
        en: "no value for {name}; expected one for each of {all}",
        ru: "нет значения для {name}; ожидалось по одному для каждой из {all}",
    }
    interval_wrong(text) {
        en: "`{text}`: expected a rising interval such as -3..3",
        ru: "`{text}`: ожидался отрезок по возрастанию, например -3..3",
    }
    wrong_widths(given, most) {
        en: "--hidden {given}: expected widths from 1 to {most} with commas between",
        ru: "--hidden {given}: ожидались ширины от 1 до {most} через запятую",
    }
    wrong_only(given, names) {
        en: "--only {given}: expected some of {names}",
        ru: "--only {given}: ожидалось что-то из: {names}",
    }
    interval_wide(text) {
        en: "`{text}`: too wide an interval; its ends must be less than 1e100 apart",
        ru: "`{text}`: слишком широкий отрезок; концы должны отстоять меньше чем на 1e100",
    }
    point_needs_name(part) {
        en: "`{part}`: expected a name and a value such as x=1",
        ru: "`{part}`: ожидались имя и значение, например x=1",
    }
    point_no_variable(name, all) {
        en: "no variable `{name}` in the formula; it has {all}",
        ru: "переменной `{name}` в формуле нет; в ней есть {all}",
    }
    point_twice(name) { en: "{name} is given twice", ru: "{name} дано дважды" }
}
