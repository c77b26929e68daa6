//! Errors of data files and of what stands in them: tables, arrays, pictures.

messages! {
    error_utf16() { en: "the text is UTF-16", ru: "текст в UTF-16" }
    cure_utf8_sheet() {
        en: "save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")",
        ru: "сохраните файл в UTF-8 (в электронной таблице: «CSV UTF-8»)",
    }
    error_zero_byte() { en: "got a zero byte", ru: "стоит нулевой байт" }
    error_want_table_text() { en: "a table as text", ru: "таблица в виде текста" }
    cure_export_csv() { en: "export the table as CSV", ru: "выгрузите таблицу как CSV" }
    error_header_width(header, width) {
        en: "the header has {header}, the lines below have {width}",
        ru: "в заголовке ячеек: {header}, в строках под ним: {width}",
    }
    error_want_names() { en: "a name for every column", ru: "имя у каждого столбца" }
    cure_header_width() {
        en: "correct the header, or say --delimiter if the cells are cut wrongly",
        ru: "исправьте заголовок или, если ячейки разрезаны не так, назовите знак флагом --delimiter",
    }
    error_not_utf8(text) { en: "got {text}, which is not UTF-8", ru: "стоит {text}, а это не UTF-8" }
    error_want_utf8() { en: "a text in UTF-8", ru: "текст в UTF-8" }
    cure_utf8() { en: "save the file as UTF-8", ru: "сохраните файл в UTF-8" }
    cure_utf8_or_skip() {
        en: "save the file as UTF-8, or say --bad-rows skip to leave such rows out",
        ru: "сохраните файл в UTF-8 или скажите --bad-rows skip, чтобы такие строки пропускать",
    }
    error_behind_quote(got) { en: "got {got} behind a closing quote", ru: "за закрывающей кавычкой стоит {got}" }
    error_want_cell_end() { en: "the end of the cell", ru: "конец ячейки" }
    cure_double_quote() {
        en: "write a quote inside a quoted cell twice",
        ru: "кавычку внутри ячейки в кавычках пишут дважды",
    }
    error_open_quote(lines) {
        en: "a quote is opened and not closed within {lines}",
        ru: "кавычка открыта и не закрыта (прочитано строк: {lines})",
    }
    error_want_quote() { en: "a closing quote", ru: "закрывающая кавычка" }
    cure_quote() { en: "close the quote or remove it", ru: "закройте кавычку или уберите её" }
    error_many_cells(most) { en: "the line has more than {most} cells", ru: "в строке больше {most} ячеек" }
    error_want_rows_of_examples() { en: "a table of examples in rows", ru: "таблица, где примеры идут строками" }
    cure_many_cells() {
        en: "exchange rows and columns, or say --delimiter",
        ru: "поменяйте строки и столбцы местами или назовите знак флагом --delimiter",
    }
    error_long_line(most) { en: "the line is longer than {most} MiB", ru: "строка длиннее {most} МиБ" }
    cure_long_line() {
        en: "check that this is a text file with line ends",
        ru: "проверьте, что это текстовый файл с концами строк",
    }
    error_want_json() {
        en: "an object such as {{\"text\": \"…\", \"label\": \"…\"}} on every line",
        ru: "в каждой строке объект, например {{\"text\": \"…\", \"label\": \"…\"}}",
    }
    error_no_json(what, at) {
        en: "the line is no JSON ({what}, at byte {at} of the line)",
        ru: "строка — не JSON ({what}, байт строки {at})",
    }
    error_want_plain_json() {
        en: "a text, a number, true, false or null",
        ru: "текст, число, true, false или null",
    }
    cure_nested_json() {
        en: "take lists and objects apart first, or leave the key out",
        ru: "сначала разложите списки и объекты или уберите этот ключ",
    }
    error_many_keys(most) { en: "there are more than {most} keys", ru: "ключей больше {most}" }
    error_want_same_keys() { en: "objects with the same keys", ru: "объекты с одними и теми же ключами" }
    error_fewer_rows() { en: "the file has fewer rows", ru: "в файле меньше строк" }
    error_want_as_many(other) { en: "as many as {other}", ru: "столько же, сколько в {other}" }
    cure_side_by_side() {
        en: "files side by side need one row each for every example",
        ru: "у файлов рядом должно быть по строке на каждый пример",
    }
    error_file_changes() { en: "the file changes while it is read", ru: "файл меняется, пока читается" }
    cure_file_changes() { en: "read a copy of it", ru: "прочтите его копию" }
    error_no_features(list) {
        en: "no column is left to learn from{list}",
        ru: "не осталось столбцов, по которым учиться{list}",
    }
    error_want_features() { en: "at least one feature beside the target", ru: "хотя бы один признак кроме цели" }
    error_large_numbers() {
        en: "the numbers are too large to be squared",
        ru: "числа слишком велики, чтобы возводить их в квадрат",
    }
    error_large_targets() {
        en: "the targets are too large to be squared",
        ru: "значения цели слишком велики, чтобы возводить их в квадрат",
    }
    error_want_small_numbers() { en: "numbers up to about 1e150", ru: "числа примерно до 1e150" }
    cure_large_numbers() {
        en: "change the unit, or say --scale log",
        ru: "смените единицу или скажите --scale log",
    }
    error_no_series() {
        en: "these are images or rows of one scale",
        ru: "это картинки или строки одного масштаба",
    }
    error_want_series() {
        en: "a table of series to forecast, such as a .csv with a column of times",
        ru: "таблица рядов для прогноза, например .csv со столбцом времени",
    }
    error_target_ignored() { en: "--ignore names the target", ru: "--ignore называет цель" }
    cure_other_target() { en: "choose another target with --target", ru: "выберите другую цель флагом --target" }
    error_want_no_gaps() {
        en: "no missing cells, since --missing is \"error\"",
        ru: "без пропусков, ведь задано --missing error",
    }
    cure_gaps() {
        en: "fill it in, or say --missing mean, median or skip",
        ru: "заполните её или скажите --missing mean, median или skip",
    }
    error_not_finite() {
        en: "the numbers of the training part are not all finite",
        ru: "в обучающей части не все числа конечны",
    }
    error_want_finite() { en: "finite numbers", ru: "конечные числа" }
    error_all_equal(value) {
        en: "all numbers of the training part are {value}",
        ru: "все числа обучающей части равны {value}",
    }
    error_want_different_rows() { en: "rows that differ", ru: "строки, которые различаются" }
    error_many_targets(count) { en: "each row has {count} targets", ru: "целей в каждой строке: {count}" }
    error_want_one_class() { en: "one class for --task classify", ru: "один класс для --task classify" }
    error_large_file() { en: "the file is too large for an image", ru: "файл слишком велик для картинки" }
    error_large_image(why) { en: "the image is too large ({why})", ru: "картинка слишком велика ({why})" }
    error_want_bounded_image(side, bytes) {
        en: "at most {side} pixels a side and {bytes} MiB when decoded",
        ru: "сторона не больше {side} пикселей и не больше {bytes} МиБ в памяти",
    }
    cure_large_image() {
        en: "make it smaller or remove it, or say --bad-rows skip to leave such files out",
        ru: "уменьшите или уберите её, или скажите --bad-rows skip, чтобы такие файлы пропускать",
    }
    error_broken_image(why) { en: "the image cannot be read ({why})", ru: "картинка не читается ({why})" }
    error_want_image() { en: "a whole PNG, JPEG, BMP or GIF file", ru: "целый файл PNG, JPEG, BMP или GIF" }
    cure_broken_image() {
        en: "replace or remove it, or say --bad-rows skip to leave such files out",
        ru: "замените или уберите её, или скажите --bad-rows skip, чтобы такие файлы пропускать",
    }
    error_not_a_file() { en: "this is not a regular file", ru: "это не обычный файл" }
    cure_not_a_file() {
        en: "write the data to a file first, since they are read more than once",
        ru: "сначала запишите данные в файл: они читаются не один раз",
    }
    error_got_bytes(bytes) { en: "got the bytes {bytes}", ru: "стоят байты {bytes}" }
    error_want_numpy() { en: "93 4e 55 4d 50 59, the magic of NumPy", ru: "93 4e 55 4d 50 59, начало файла NumPy" }
    cure_not_numpy() { en: "this is not a NumPy array", ru: "это не массив NumPy" }
    error_got_version(version) { en: "got version {version}", ru: "стоит версия {version}" }
    error_want_version() { en: "version 1, 2 or 3", ru: "версия 1, 2 или 3" }
    error_long_header(length) { en: "the header is {length} bytes long", ru: "длина заголовка в байтах: {length}" }
    error_at_most(most) { en: "at most {most}", ru: "не больше {most}" }
    error_want_numpy_header() {
        en: "a header such as {{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}}",
        ru: "заголовок, например {{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}}",
    }
    error_bad_header(header) { en: "the header cannot be read: {header}", ru: "заголовок не читается: {header}" }
    error_element_type(kind) { en: "got the element type {kind}", ru: "стоит тип элементов {kind}" }
    cure_python_objects() {
        en: "Python objects would have to be executed; save the array as numbers",
        ru: "объекты Python пришлось бы исполнять; сохраните массив числами",
    }
    cure_float32() { en: "save it with astype(\"float32\")", ru: "сохраните его после astype(\"float32\")" }
    error_word_features() { en: "the features are words", ru: "признаки — слова" }
    error_want_numbers() { en: "numbers", ru: "числа" }
    cure_word_features() { en: "save words as a CSV", ru: "слова сохраните в CSV" }
    error_got_shape(shape) { en: "got the shape {shape}", ru: "размеры {shape}" }
    error_want_number_rows() { en: "rows of numbers", ru: "строки чисел" }
    error_got_row_shape(shape) { en: "got rows of shape {shape}", ru: "размеры строки {shape}" }
    error_want_row_shape(shape, other) {
        en: "{shape} of the same type, as in {other}",
        ru: "{shape} того же типа, как в {other}",
    }
    error_want_rows_as(rows, other) { en: "{rows} as {other} has", ru: "строк {rows}, как в {other}" }
    error_fortran_order() {
        en: "the array is large and in Fortran order",
        ru: "массив велик и записан по столбцам (порядок Fortran)",
    }
    error_want_c_order() {
        en: "C order, which can be read row by row",
        ru: "порядок C, который читается построчно",
    }
    cure_fortran_order() {
        en: "save it with numpy.ascontiguousarray, or raise --memory-limit",
        ru: "сохраните его после numpy.ascontiguousarray или увеличьте --memory-limit",
    }
    error_targets_differ() {
        en: "the targets differ in shape or type",
        ru: "цели различаются размерами или типом",
    }
    error_want_those_of(other) { en: "those of {other}", ru: "как в {other}" }
    error_target_shape(shape) { en: "got targets of shape {shape}", ru: "размеры целей {shape}" }
    error_want_few_targets() {
        en: "one or a few targets a row, which fit into memory",
        ru: "одна или несколько целей в строке, чтобы помещались в память",
    }
    cure_few_targets() {
        en: "raise --memory-limit if they are meant so",
        ru: "если так и задумано, увеличьте --memory-limit",
    }
    error_many_words() { en: "there are several words a row", ru: "в строке несколько слов" }
    error_want_class_a_row() { en: "one class a row", ru: "один класс в строке" }
    error_many_classes(most) { en: "more than {most} different words", ru: "различных слов больше {most}" }
    error_want_few_classes() { en: "classes", ru: "классы" }
    error_too_many_bytes() { en: "more bytes than there are", ru: "больше, чем бывает" }
    error_promised_shape(shape, bytes) {
        en: "the header promises the shape {shape}, {bytes}",
        ru: "заголовок обещает размеры {shape}, байтов: {bytes}",
    }
    error_want_file_size(bytes) {
        en: "at most {bytes}, as the file is",
        ru: "байтов не больше {bytes}, как в файле",
    }
    cure_cut_off() {
        en: "the file is cut off or damaged; copy or fetch it again",
        ru: "файл обрезан или повреждён; скопируйте или скачайте его снова",
    }
    error_want_arrays() {
        en: "x and y, or x_train, y_train, x_test and y_test, or features and labels",
        ru: "x и y, или x_train, y_train, x_test и y_test, или features и labels",
    }
    cure_arrays() {
        en: "save the arrays with such names: numpy.savez(file, x=…, y=…)",
        ru: "сохраните массивы с такими именами: numpy.savez(file, x=…, y=…)",
    }
    error_got_arrays(names) { en: "got the arrays {names}", ru: "есть массивы {names}" }
    error_arrays_no_targets(names) {
        en: "some of the arrays {names} have no targets",
        ru: "не у всех массивов ({names}) есть цели",
    }
    error_bad_archive(why) { en: "the archive cannot be read ({why})", ru: "архив не читается ({why})" }
    error_unreadable_archive() { en: "the archive cannot be read", ru: "архив не читается" }
    error_want_archive() { en: "an archive as numpy.savez writes it", ru: "архив, какой пишет numpy.savez" }
    error_no_arrays() { en: "the archive has no arrays", ru: "в архиве нет массивов" }
    error_promised_bytes(bytes) { en: "the archive promises {bytes}", ru: "архив обещает байтов: {bytes}" }
    error_packing(kind) { en: "got the packing {kind}", ru: "стоит сжатие {kind}" }
    error_want_packing() {
        en: "none or deflate, as numpy.savez and numpy.savez_compressed write",
        ru: "никакого или deflate, как пишут numpy.savez и numpy.savez_compressed",
    }
    error_no_test_files() { en: "there is no test part", ru: "тестовой части нет" }
    error_want_idx_names(part) {
        en: "names such as {part}-images-idx3-ubyte.gz and {part}-labels-idx1-ubyte.gz",
        ru: "имена вида {part}-images-idx3-ubyte.gz и {part}-labels-idx1-ubyte.gz",
    }
    error_many_idx(files) {
        en: "several files have one role: {files}",
        ru: "несколько файлов на одну роль: {files}",
    }
    error_want_one_idx() {
        en: "one set of train and test images and labels",
        ru: "один набор обучающих и тестовых картинок и меток",
    }
    cure_many_idx() { en: "move each set to a directory of its own", ru: "разложите наборы по разным каталогам" }
    error_no_training_images() { en: "there is no file of training images", ru: "нет файла обучающих картинок" }
    error_no_training_labels() { en: "there is no file of training labels", ru: "нет файла обучающих меток" }
    error_no_test_labels() { en: "there is no file of test labels", ru: "нет файла тестовых меток" }
    error_no_test_images() { en: "there is no file of test images", ru: "нет файла тестовых картинок" }
    error_label_shape(shape) { en: "got labels of shape {shape}", ru: "размеры меток {shape}" }
    error_want_labels_as(rows, other) {
        en: "{rows} as {other} has images",
        ru: "{rows}, сколько картинок в {other}",
    }
    error_want_shape_as(shape, other) { en: "{shape} as in {other}", ru: "{shape}, как в {other}" }
    error_want_a_row() { en: "at least one row", ru: "хотя бы одна строка" }
    error_want_idx() {
        en: "00 00, an element type from 08 to 0e, and the number of sizes",
        ru: "00 00, тип элементов от 08 до 0e и число размеров",
    }
    cure_not_idx() { en: "this is not an IDX file", ru: "это не файл IDX" }
    error_idx_rank(sizes) { en: "got {sizes}", ru: "размеров: {sizes}" }
    error_want_idx_rank() { en: "1 to 8 sizes", ru: "от 1 до 8 размеров" }
    error_plain_text() {
        en: "this is one running text without rows, and models that write text are not in this version",
        ru: "это сплошной текст без строк-примеров, а сетей, которые пишут тексты, в этой версии нет",
    }
    error_want_text_table() {
        en: "a table, images or numbers; of texts a table with a text and its class in every row",
        ru: "таблица, картинки или числа; из текстов — таблица, где в каждой строке текст и его класс",
    }
    cure_plain_text() {
        en: "make it a CSV of passages and their classes; if the file holds a table, write csv: before its path",
        ru: "сделайте CSV из отрывков и их классов; если в файле таблица, напишите csv: перед путём",
    }
    error_bad_sizes() { en: "the sizes cannot be read", ru: "размеры не читаются" }
    error_such_as(example) { en: "such as {example}", ru: "например {example}" }
    error_no_scored_row() { en: "there is no row to score", ru: "нет строк, которые можно оценить" }
    error_want_scored_rows() { en: "rows with their targets", ru: "строки с целями" }
    cure_scored_rows() {
        en: "name data with at least one whole row",
        ru: "назовите данные, где есть хотя бы одна целая строка",
    }
    error_want_pictures() {
        en: "PNG, JPEG, BMP or GIF files, perhaps in folders",
        ru: "файлы PNG, JPEG, BMP или GIF, можно в папках",
    }
    error_small_picture(height, width) {
        en: "the picture has {height} × {width} pixels",
        ru: "размер картинки {height} × {width}",
    }
    error_want_patch(side) {
        en: "at least {side} × {side}, a whole patch",
        ru: "не меньше {side} × {side}, целая вырезка",
    }
    cure_small_picture() {
        en: "remove it, or say a smaller --patch, or --bad-rows skip to leave such pictures out",
        ru: "уберите её, скажите --patch поменьше или --bad-rows skip, чтобы такие картинки пропускать",
    }

    error_packed_ends() {
        en: "the packed file ends too early; copy or fetch it again",
        ru: "сжатый файл кончается раньше времени; скопируйте или скачайте его снова",
    }
    error_packed_damaged(why) {
        en: "the packed file is damaged ({why}); copy or fetch it again",
        ru: "сжатый файл повреждён ({why}); скопируйте или скачайте его снова",
    }
    error_bomb(most) {
        en: "the packed file grows more than {most} times, which looks like an attack; unpack it yourself if you trust it",
        ru: "сжатый файл вырастает больше чем в {most} раз, это похоже на нападение; распакуйте его сами, если доверяете",
    }

    // Targets of another kind than the task asks for.
    kind_words() { en: "words", ru: "слова" }
    error_target_is(kind) { en: "the target is {kind}", ru: "в столбце цели: {kind}" }
    error_want_regression() { en: "numbers for --task regress", ru: "числа для --task regress" }
    cure_regression() {
        en: "choose a column of numbers with --target, or --task classify",
        ru: "выберите столбец чисел флагом --target или скажите --task classify",
    }
    error_want_several() {
        en: "numbers, since several targets are a regression",
        ru: "числа, ведь несколько целей — это регрессия",
    }
    cure_several() { en: "name one target to predict classes", ru: "чтобы предсказывать классы, назовите одну цель" }
    error_more_values(most) { en: "more than {most} different values", ru: "различных значений больше {most}" }
    cure_more_values() {
        en: "use --task regress, or choose another column with --target",
        ru: "скажите --task regress или выберите другой столбец флагом --target",
    }

    // What the system says of files.
    io_denied() { en: "permission denied", ru: "нет прав доступа" }
    io_full() { en: "no space left on device", ru: "на диске нет места" }
    io_read_only() { en: "read-only file system", ru: "файловая система только для чтения" }
}

/// What the system says of a file; the commonest in the reader's language.
#[must_use]
pub fn io_problem(l: Language, error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match (error.kind(), l) {
        (_, Language::English) => error.to_string(),
        (ErrorKind::NotFound, _) => super::error_no_file(l),
        (ErrorKind::UnexpectedEof, _) => super::error_file_ends(l),
        (ErrorKind::IsADirectory, _) => super::error_a_directory(l),
        (ErrorKind::PermissionDenied, _) => io_denied(l),
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, _) => io_full(l),
        (ErrorKind::ReadOnlyFilesystem, _) => io_read_only(l),
        _ => error.to_string(),
    }
}
