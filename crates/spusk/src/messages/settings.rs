//! Errors of settings: what the file of an experiment and the command line may say.

messages! {
    settings_unreadable(file, why) {
        en: "cannot read the experiment {file}: {why}",
        ru: "не удаётся прочесть файл настроек {file}: {why}",
    }
    settings_unknown(name) { en: "there is no setting `{name}`", ru: "настройки `{name}` нет" }
    settings_unknown_in(name, section) {
        en: "there is no setting `{name}` in [{section}]",
        ru: "настройки `{name}` в [{section}] нет",
    }
    settings_known_networks(networks, layers) {
        en: "known networks are {networks}; known layers are {layers}",
        ru: "известны сети {networks}; слои {layers}",
    }
    settings_known(names) { en: "known are {names}", ru: "известны {names}" }
    meant(word) { en: "did you mean `{word}`?", ru: "может быть, `{word}`?" }
    meant_in(word, place) { en: "did you mean `{word}` in {place}?", ru: "может быть, `{word}` в {place}?" }
    settings_top() { en: "the top of the file", ru: "начале файла" }
    settings_must_be(name, expected, got) {
        en: "`{name}` must be {expected}, got {got}",
        ru: "`{name}`: ожидалось {expected}, а стоит {got}",
    }
    settings_unquoted(name, text) {
        en: "without quotes: `{name} = {text}`",
        ru: "без кавычек: `{name} = {text}`",
    }
    settings_example(example) { en: "for example `{example}`", ru: "например, `{example}`" }
    settings_assignment() { en: "`--set` takes key=value", ru: "`--set` берёт имя=значение" }
    settings_nothing_left(validation, test) {
        en: "`validation_fraction` and `test_fraction` are {validation} and {test}: nothing is left to train on",
        ru: "`validation_fraction` и `test_fraction` равны {validation} и {test}: для обучения ничего не осталось",
    }
    settings_lower_sum() { en: "let their sum be below 1", ru: "пусть их сумма будет меньше 1" }

    // What a value may be.
    kind_integer(least) { en: "a whole number of at least {least}", ru: "целое число не меньше {least}" }
    kind_number(range) { en: "a number{range}", ru: "число{range}" }
    kind_numbers(range) { en: "numbers{range} in brackets", ru: "числа{range} в скобках" }
    kind_pairs() {
        en: ", two of them in brackets (height and width)",
        ru: ", два таких в скобках (высота и ширина)",
    }
    kind_or() { en: " or ", ru: " или " }
    kind_word() { en: "a word", ru: "слово" }
    kind_switch() { en: "true or false", ru: "true или false" }
    range_below(high) { en: " below {high}", ru: " меньше {high}" }
    range_at_most(high) { en: " of at most {high}", ru: " не больше {high}" }
    range_above(low) { en: " above {low}", ru: " больше {low}" }
    range_at_least(low) { en: " of at least {low}", ru: " не меньше {low}" }
    range_between(low, high) { en: " from {low} to {high}", ru: " от {low} до {high}" }
    range_to_below(low, high) { en: " from {low} to below {high}", ru: " от {low}, но меньше {high}" }
    range_above_to(low, high) {
        en: " above {low} and at most {high}",
        ru: " больше {low}, но не больше {high}",
    }
    range_inside(low, high) { en: " above {low} and below {high}", ru: " больше {low}, но меньше {high}" }
    want_text() { en: "a text", ru: "текст" }
    want_texts() { en: "a list of texts", ru: "список текстов" }
    want_size() {
        en: "a height and a width from 1 to 4096 such as \"48x64\", or one number for both",
        ru: "высота и ширина от 1 до 4096, например \"48x64\", или одно число для обеих",
    }
    want_kinds() {
        en: "names of columns with a kind each (number, category, boolean, date or text), such as [\"zip=category\"]",
        ru: "имена столбцов, у каждого вид (number, category, boolean, date или text), например [\"zip=category\"]",
    }
    want_time() { en: "a time such as \"90s\", \"10m\" or \"1h30m\"", ru: "время, например \"90s\", \"10m\" или \"1h30m\"" }
    want_or(what, other) { en: "{what}, or \"{other}\"", ru: "{what}, либо \"{other}\"" }
    want_item(what) {
        en: "the name of {what} with its arguments, or a table with a `name`",
        ru: "имя {what} с аргументами или таблица, где есть `name`",
    }
    want_layers() {
        en: "a short form such as \"dense 256, relu\", a list of layers, \"linear\" or \"auto\"",
        ru: "краткая запись, например \"dense 256, relu\", список слоёв, \"linear\" или \"auto\"",
    }
    want_class_weights() {
        en: "\"off\", \"balanced\", or a table of numbers above 0 such as {{ cat = 1.0, dog = 2.5 }}",
        ru: "\"off\", \"balanced\" или таблица чисел больше 0, например {{ cat = 1.0, dog = 2.5 }}",
    }
    want_every() {
        en: "a number of steps, a time such as \"30s\", or \"off\"",
        ru: "число шагов, время, например \"30s\", или \"off\"",
    }
    got_text(text) { en: "the text \"{text}\"", ru: "текст \"{text}\"" }
    got_date() { en: "a date", ru: "дата" }
    got_list() { en: "a list", ru: "список" }
    got_numbers() { en: "a list of numbers", ru: "список чисел" }
    got_more() { en: "a list that holds more than numbers", ru: "список, где не только числа" }
    got_table() { en: "a table", ru: "таблица" }
    got_no_number() { en: "no number", ru: "не число" }

    // What can be named.
    noun_layer() { en: "layer", ru: "слоя" }
    noun_loss() { en: "loss", ru: "потери" }
    noun_optimizer() { en: "optimizer", ru: "метода" }
    noun_schedule() { en: "schedule", ru: "расписания" }
    noun_activation() { en: "activation", ru: "функции активации" }
    item_unknown(noun, name) { en: "there is no {noun} `{name}`", ru: "{noun} `{name}` нет" }
    item_wants_name(what, got) {
        en: "expected the name of {what}, got `{got}`",
        ru: "ожидалось имя {what}, а стоит `{got}`",
    }
    item_unexpected(wanted, got) {
        en: "expected {wanted}, got `{got}`",
        ru: "ожидалось: {wanted}, а стоит `{got}`",
    }
    item_cut_off(wanted) {
        en: "expected {wanted}, got the end of the text",
        ru: "ожидалось: {wanted}, а текст кончился",
    }
    want_name(what) { en: "the name of {what}", ru: "имя {what}" }
    want_argument() { en: "an argument", ru: "аргумент" }
    want_value(name) { en: "a value for `{name}`", ru: "значение для `{name}`" }
    want_width() { en: "a width", ru: "ширина" }
    want_option() { en: "`,` or an option", ru: "`,` или параметр" }
    want_comma_or_end() { en: "`,` or the end", ru: "`,` или конец" }
    item_dense(width) {
        en: "a dense layer is written `dense {width}`, several `mlp:256,128`",
        ru: "полносвязный слой пишется `dense {width}`, несколько — `mlp:256,128`",
    }
    item_argument_must_be(name, item, expected, got) {
        en: "`{name}` of `{item}` must be {expected}, got {got}",
        ru: "`{name}` у `{item}`: ожидалось {expected}, а стоит {got}",
    }
    item_no_argument(item, name) {
        en: "`{item}` has no argument `{name}`",
        ru: "у `{item}` нет аргумента `{name}`",
    }
    item_no_arguments(item) { en: "`{item}` takes no arguments", ru: "у `{item}` нет аргументов" }
    item_arguments(names) { en: "its arguments are {names}", ru: "его аргументы: {names}" }
    item_needs(item, name, expected) {
        en: "`{item}` needs `{name}`, {expected}",
        ru: "`{item}` требует `{name}`, {expected}",
    }
    item_needs_layers(item) { en: "`{item}` needs layers inside", ru: "`{item}` требует слоёв внутри" }
    item_twice(name, item) { en: "`{name}` of `{item}` is given twice", ru: "`{name}` у `{item}` дано дважды" }
    item_too_many(word, item) {
        en: "`{word}` is one argument too many for `{item}`",
        ru: "`{word}` — лишний аргумент у `{item}`",
    }
    item_written(example) { en: "it is written `{example}`", ru: "пишется `{example}`" }
    item_comma(word) { en: "expected `,` before `{word}`", ru: "ожидалась `,` перед `{word}`" }
    item_separated() { en: "layers are separated by `,`", ru: "слои разделяются `,`" }

    // What is written, and how.
    settings_long(name, most) {
        en: "{name} is longer than {most} bytes; is it TOML?",
        ru: "{name} длиннее {most} байтов; это TOML?",
    }
    settings_long_text(most) { en: "the text is longer than {most} bytes", ru: "текст длиннее {most} байтов" }
    settings_not_utf8() { en: "the file is not UTF-8 text", ru: "файл — не текст в UTF-8" }
    settings_save_utf8() { en: "save it in the encoding UTF-8", ru: "сохраните его в кодировке UTF-8" }
    settings_section(section, got) {
        en: "`{section}` is a section, got {got}",
        ru: "`{section}` — раздел, а стоит {got}",
    }
    settings_section_form(section) {
        en: "write `[{section}]` on a line of its own, and its settings below",
        ru: "пишите `[{section}]` отдельной строкой, а настройки раздела ниже",
    }
    settings_no_name() { en: "the name of a setting is missing", ru: "не хватает имени настройки" }
    settings_a_section(section) {
        en: "`{section}` is a section of settings",
        ru: "`{section}` — раздел настроек",
    }
    settings_name_one(example) {
        en: "name one of them, for example `{example}`",
        ru: "назовите одну из них, например `{example}`",
    }
    settings_deep(name) {
        en: "`{name}` has no settings that deep",
        ru: "у `{name}` нет настроек на такой глубине",
    }
    settings_delimiter(got) {
        en: "`delimiter` must be one ASCII letter, got \"{got}\"",
        ru: "`delimiter`: ожидался один знак ASCII, а стоит \"{got}\"",
    }
    settings_delimiter_form() {
        en: "for example `delimiter = \";\"`; \"\\t\" is a tab",
        ru: "например, `delimiter = \";\"`; \"\\t\" — табуляция",
    }
    settings_newer(format, known) {
        en: "this file has format {format}, this version of spusk reads up to {known}",
        ru: "у этого файла формат {format}, а эта версия spusk читает до {known}",
    }
    settings_update() {
        en: "update spusk, or delete what the file does not need",
        ru: "обновите spusk или удалите из файла лишнее",
    }
    settings_format(format, got) {
        en: "`format` must be {format}, got {got}",
        ru: "`format`: ожидалось {format}, а стоит {got}",
    }
    settings_twice() { en: "this name is given twice", ru: "это имя дано дважды" }
    settings_want_value() {
        en: "expected a value: a text in quotes, a number, true or false",
        ru: "ожидалось значение: текст в кавычках, число, true или false",
    }
    settings_no_value() {
        en: "key with no value, expected `=`",
        ru: "имя без значения, ожидался знак `=`",
    }
    settings_syntax(what) { en: "{what}", ru: "это не TOML ({what})" }
    settings_quotes(key, value) {
        en: "a text needs quotes: `{key} = \"{value}\"`",
        ru: "тексту нужны кавычки: `{key} = \"{value}\"`",
    }
    settings_form() { en: "a setting is written `name = value`", ru: "настройка пишется `имя = значение`" }
    settings_large_number() { en: "this number is too large", ru: "это число слишком велико" }
    settings_not_number() { en: "this is not a number", ru: "это не число" }
    settings_nothing_inside(name) {
        en: "there is nothing named `{name}` inside this",
        ru: "ничего с именем `{name}` внутри нет",
    }
    settings_list_text(got) {
        en: "expected a text in this list, got {got}",
        ru: "в этом списке ожидался текст, а стоит {got}",
    }
    settings_auto() {
        en: "this is \"auto\", which has no arguments",
        ru: "это \"auto\", у него нет аргументов",
    }
    settings_name_first() {
        en: "name it first, for example `--set optimizer=adamw`",
        ru: "сначала назовите метод, например `--set optimizer=adamw`",
    }
    settings_table_needs(what, title) {
        en: "a table for {what} needs its `{title}`",
        ru: "таблице для {what} нужно поле `{title}`",
    }
    settings_class_weight(class, got) {
        en: "the weight of class `{class}` must be a number above 0, got {got}",
        ru: "вес класса `{class}`: ожидалось число больше 0, а стоит {got}",
    }
    settings_most(most, got) {
        en: "a whole number can be at most {most}, got {got}",
        ru: "целое число не больше {most}, а стоит {got}",
    }
    settings_no_layers() { en: "no layers are named", ru: "слои не названы" }
    settings_linear() {
        en: "write \"linear\" for a model without hidden layers",
        ru: "для модели без скрытых слоёв напишите \"linear\"",
    }
    settings_layer_kind(got) {
        en: "a layer must be a text or a table, got {got}",
        ru: "слой — это текст или таблица, а стоит {got}",
    }
    item_named_form(form, names) {
        en: "{form}; as name=value it takes {names}",
        ru: "{form}; в виде имя=значение берёт {names}",
    }
    item_nothing_inside(item) { en: "`{item}` has no layers inside", ru: "у `{item}` внутри нет слоёв" }
    item_deep(most) {
        en: "layers stand more than {most} deep inside each other",
        ru: "слои вложены глубже, чем на {most}",
    }
    item_open_parenthesis() { en: "this parenthesis is never closed", ru: "эта скобка не закрыта" }
    item_open_bracket() { en: "this bracket is never closed", ru: "эта квадратная скобка не закрыта" }
    item_stray_parenthesis() { en: "no parenthesis is open here", ru: "здесь нет открытой скобки" }
    item_not_number(word) { en: "expected a number, got `{word}`", ru: "ожидалось число, а стоит `{word}`" }
    item_mlp_width(word) {
        en: "a width must be a whole number of at least 1, got `{word}`",
        ru: "ширина — целое число не меньше 1, а стоит `{word}`",
    }
    item_mlp_option(name) { en: "`mlp` has no option `{name}`", ru: "у `mlp` нет параметра `{name}`" }
    item_mlp_options() {
        en: "its options are activation and dropout: `mlp:256,128 activation=gelu dropout=0.1`",
        ru: "его параметры — activation и dropout: `mlp:256,128 activation=gelu dropout=0.1`",
    }
    item_only_one(noun) { en: "only one {noun} can be named", ru: "назвать можно только одно: имя {noun}" }
    item_spaces() {
        en: "arguments are separated by spaces: `sgd momentum=0.9 nesterov`",
        ru: "аргументы разделяются пробелами: `sgd momentum=0.9 nesterov`",
    }
}


/// The word for a kind of item as a sentence has it behind "there is no".
pub(crate) fn noun(l: Language, name: &str) -> String {
    match name {
        "layer" => noun_layer(l),
        "loss" => noun_loss(l),
        "optimizer" => noun_optimizer(l),
        "schedule" => noun_schedule(l),
        "activation" => noun_activation(l),
        other => other.into(),
    }
}
