//! Errors of files of weights: safetensors, and what another program trained.

messages! {
    tensors_short(length) {
        en: "a safetensors file begins with 8 bytes of header length, this file has {length} bytes; it is empty or cut off",
        ru: "файл safetensors начинается с 8 байтов — длины заголовка, а в этом файле всего байтов: {length}; он пуст или обрезан",
    }
    tensors_header_beyond(claimed, available) {
        en: "the header claims {claimed} bytes, {available} follow; the file is cut off or is not a safetensors file",
        ru: "заголовок обещает байтов: {claimed}, а дальше их {available}; файл обрезан или это не safetensors",
    }
    tensors_header_long(claimed, most) {
        en: "the header claims {claimed} bytes, at most {most} are accepted",
        ru: "заголовок обещает байтов: {claimed}, а принимается не больше {most}",
    }
    tensors_header(why) { en: "the header is not valid: {why}", ru: "заголовок неверен: {why}" }
    tensors_dtype(name, dtype) {
        en: "tensor `{name}`: element type `{dtype}` is not known; known are F32, F64, F16, BF16 and the integer types",
        ru: "тензор `{name}`: тип элементов `{dtype}` неизвестен; известны F32, F64, F16, BF16 и целые типы",
    }
    tensors_twice(name) { en: "tensor `{name}` occurs twice", ru: "тензор `{name}` встречается дважды" }
    tensors_too_large(name, shape) {
        en: "tensor `{name}`: shape {shape} has more elements than memory has addresses",
        ru: "тензор `{name}`: в форме {shape} элементов больше, чем адресов в памяти",
    }
    tensors_length(name, shape, dtype, needed, begin, end, held) {
        en: "tensor `{name}`: shape {shape} of {dtype} needs {needed} bytes, its offsets {begin}..{end} hold {held}",
        ru: "тензор `{name}`: форме {shape} из {dtype} нужно байтов: {needed}, а между местами {begin}..{end} их {held}",
    }
    tensors_beyond(name, end, available) {
        en: "tensor `{name}`: its data ends at byte {end} of the data, which has {available}; the file is cut off",
        ru: "тензор `{name}`: его данные кончаются на байте {end}, а всего их {available}; файл обрезан",
    }
    tensors_hole(name, begin, expected) {
        en: "tensor `{name}`: its data begins at byte {begin}, where the tensor before it ends at {expected}; holes and overlaps are not allowed",
        ru: "тензор `{name}`: его данные начинаются на байте {begin}, а предыдущий кончается на {expected}; дыр и наложений быть не должно",
    }
    tensors_trailing(extra) {
        en: "{extra} bytes after the last tensor belong to nothing",
        ru: "лишние байты за последним тензором: {extra}",
    }
    tensors_no_floats(name, dtype) {
        en: "tensor `{name}` holds {dtype}, floating-point numbers are needed (F32, F64, F16 or BF16)",
        ru: "в тензоре `{name}` стоит {dtype}, а нужны числа с плавающей запятой (F32, F64, F16 или BF16)",
    }
    tensors_mismatch(name, shape, expected, got) {
        en: "tensor `{name}`: shape {shape} means {expected} elements, got {got}",
        ru: "тензор `{name}`: по форме {shape} элементов {expected}, а их {got}",
    }
    tensors_reserved(name) {
        en: "a tensor may not be named `{name}`: the format uses that name for itself",
        ru: "тензор нельзя назвать `{name}`: это имя занято самим форматом",
    }

    // Weights of another program.
    import_open_layers() {
        en: "the experiment leaves the layers open, so no weights can fit them; name them, as in `--model lenet`",
        ru: "слои в настройках не названы, так что веса подойти не могут; назовите слои, например `--model lenet`",
    }
    import_not_finite(file, name, value) {
        en: "{file}: the tensor `{name}` holds {value}, expected finite numbers; the training that wrote it had diverged, so take an earlier checkpoint of it",
        ru: "{file}: в тензоре `{name}` стоит {value}, ожидались конечные числа; обучение, которое его записало, разошлось, возьмите более раннюю точку",
    }
    import_no_text() { en: "it is no text in UTF-8", ru: "это не текст в UTF-8" }
    map_line(line, what) { en: "line {line}: {what}", ru: "строка {line}: {what}" }
    map_line_of(line, what) { en: "line {line} of the map: {what}", ru: "строка {line} соответствий: {what}" }
    map_usage() {
        en: "expected `their.name = our.name`, with `transpose` or `gates=…` behind it",
        ru: "ожидалось `их.имя = наше.имя`, а за ним, если нужно, `transpose` или `gates=…`",
    }
    map_no_sign(usage) { en: "no `=`; {usage}", ru: "нет `=`; {usage}" }
    map_no_name(usage) { en: "a name is missing; {usage}", ru: "не хватает имени; {usage}" }
    map_no_meaning(word, usage) {
        en: "`{word}` means nothing here; {usage}",
        ru: "`{word}` здесь ничего не значит; {usage}",
    }
    map_twice(line, name, before) {
        en: "line {line}: `{name}` stands in line {before} already; keep one of them",
        ru: "строка {line}: `{name}` уже есть в строке {before}; оставьте одну из них",
    }
    map_gates(given) {
        en: "gates={given}: expected the letters i, f, g, o of an LSTM or r, z, n of a GRU, each once, in the order of the file",
        ru: "gates={given}: ожидались буквы i, f, g, o для LSTM или r, z, n для GRU, каждая один раз, в порядке файла",
    }
    map_unknown(name, names) {
        en: "there is no `{name}`; there are {names}",
        ru: "тензора `{name}` нет; есть {names}",
    }
    import_unknown(name, names) {
        en: "the network has no `{name}`; it has {names}",
        ru: "в сети нет `{name}`; в ней есть {names}",
    }
    import_both(first, second, name) {
        en: "`{first}` and `{second}` both become `{name}`",
        ru: "и `{first}`, и `{second}` становятся `{name}`",
    }
    import_missing(names) { en: "nothing fits {names}", ru: "ничего не подходит к {names}" }
    import_left_over(names) { en: "left over: {names}", ru: "лишние: {names}" }
    import_unmatched(what) {
        en: "{what}. Choose the layers that were trained, or say in a file for --map which tensor is which, a line each: their.name = our.name, or their.name = - to leave it out",
        ru: "{what}. Выберите слои, которые обучались, или скажите в файле для --map, какой тензор какой, по строке на каждый: их.имя = наше.имя или их.имя = -, чтобы его не брать",
    }
    import_misfit(theirs, got, name, want, cure) {
        en: "`{theirs}` has shape {got}, `{name}` needs {want}; {cure}",
        ru: "форма `{theirs}` — {got}, а `{name}` нужна {want}; {cure}",
    }
    cure_transpose(theirs, name) {
        en: "say `{theirs} = {name} transpose` in the map",
        ru: "скажите в соответствиях `{theirs} = {name} transpose`",
    }
    cure_trained_layers() {
        en: "choose the layers that were trained",
        ru: "выберите слои, которые обучались",
    }
    import_no_matrix(name, shape) {
        en: "`{name}` has shape {shape}; only matrices of floats can be transposed",
        ru: "форма `{name}` — {shape}; транспонировать можно только матрицы чисел с плавающей запятой",
    }
    import_no_gates(name, shape, gates) {
        en: "`{name}` has shape {shape}, whose first axis is not {gates} gates of floats",
        ru: "форма `{name}` — {shape}: первая ось не делится на {gates} вентилей",
    }
    listed_more(names, more) { en: "{names} and {more} more", ru: "{names} и ещё {more}" }
}
