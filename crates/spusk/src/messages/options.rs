//! Errors of the settings of data, and of files that are not what their heads say.

messages! {
    option_share() {
        en: "a share from 0 to below 1, such as 0.2",
        ru: "доля от 0, но меньше 1, например 0.2",
    }
    option_least(least) { en: "a number from {least}", ru: "число от {least}" }
    option_range(least, most) { en: "a number from {least} to {most}", ru: "число от {least} до {most}" }
    option_sizes(least, most) { en: "{least} to {most}", ru: "от {least} до {most}" }
    option_delimiter() {
        en: "one of , ; | a tab or a blank",
        ru: "один из знаков , ; |, табуляция или пробел",
    }
    option_one_letter() { en: "one character, or `tab`", ru: "один знак или `tab`" }
    spool_absent() { en: "the spool folder does not exist", ru: "папки для временных файлов нет" }
    cure_spool() {
        en: "make it, or name another one with `spool_dir`",
        ru: "создайте её или назовите другую в `spool_dir`",
    }

    // Arrays.
    array_more() {
        en: "there are more bytes than the header promises",
        ru: "байтов больше, чем обещает заголовок",
    }
    array_want_end(shape) { en: "the end behind the shape {shape}", ru: "конец за формой {shape}" }
    cure_array_more() {
        en: "the file is damaged or two files in one; copy or fetch it again",
        ru: "файл повреждён, или в нём два файла; скопируйте или скачайте его снова",
    }
    array_ends() { en: "the file ends here", ru: "файл здесь кончается" }
    array_want_rest() {
        en: "the rest of the array that its header promises",
        ru: "остаток массива, обещанный заголовком",
    }
    cure_array_ends() {
        en: "the file is cut off; copy or fetch it again",
        ru: "файл обрезан; скопируйте или скачайте его снова",
    }
    array_infinite() { en: "got an infinite number", ru: "стоит бесконечное число" }
    array_want_finite() {
        en: "finite numbers, or NaN where a value is missing",
        ru: "конечные числа или NaN, где значения нет",
    }
    rows_none() { en: "no row can be used", ru: "ни одна строка не подошла" }
    rows_want_test() { en: "rows to test with", ru: "строки для теста" }
    preprocessing_damaged(problem) {
        en: "what is saved is damaged: {problem}",
        ru: "сохранённое повреждено: {problem}",
    }

    // Pictures to write.
    picture_want_name() {
        en: "a name that ends with .png, .jpg or .bmp",
        ru: "имя с окончанием .png, .jpg или .bmp",
    }
    picture_transparent() {
        en: "the picture has transparency, which only PNG keeps here",
        ru: "у картинки есть прозрачность, а её хранит только PNG",
    }
    cure_transparent() { en: "write it to a .png", ru: "запишите её в .png" }
    picture_unknown() {
        en: "the format of the picture to write is not known by its name",
        ru: "по имени не узнать, в каком формате записать картинку",
    }
    picture_unwritten(why) {
        en: "the picture cannot be written ({why})",
        ru: "картинку не удаётся записать ({why})",
    }
}
