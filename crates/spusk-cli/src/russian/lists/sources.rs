//! Built-in sets and kinds of files.

/// What they are.
pub(super) const SOURCES: &[(&str, &str)] = &[
    (
        "1,797 handwritten digits of 8 × 8 pixels, 10 classes (UCI, CC BY 4.0)",
        "1797 рукописных цифр 8 × 8 точек, 10 классов (UCI, CC BY 4.0)",
    ),
    (
        "150 flowers by four measures, 3 classes (Fisher 1936; UCI, CC BY 4.0)",
        "150 цветков по четырём размерам, 3 класса (Фишер, 1936; UCI, CC BY 4.0)",
    ),
    ("two spirals around each other, generated", "две спирали одна вокруг другой, созданный набор"),
    (
        "two half circles that reach into each other, generated",
        "две половины круга, заходящие одна в другую, созданный набор",
    ),
    (
        "clouds of points around 3 centers (or as many as named), generated",
        "облака точек вокруг 3 центров (или скольких названо), созданный набор",
    ),
    (
        "points around four corners, opposite ones of the same class, generated",
        "точки у четырёх углов, противоположные одного класса, созданный набор",
    ),
    (
        "8 pictures of 16 × 16 pixels through which a handwritten digit moves in one of 8 \
         directions, generated",
        "8 картинок 16 × 16 точек, по которым рукописная цифра движется в одном из 8 \
         направлений, созданный набор",
    ),
    (
        "a table as text: .csv, .tsv, .tab, .data, .dat, .jsonl or .ndjson, also .gz; several \
         with + side by side",
        "таблица текстом: .csv, .tsv, .tab, .data, .dat, .jsonl или .ndjson, также .gz; \
         несколько рядом — через +",
    ),
    (
        "a directory of IDX files with the MNIST names, also .gz; it has its own test part",
        "каталог файлов IDX с именами, как у MNIST, также .gz; в нём своя тестовая часть",
    ),
    (
        "an array of NumPy, .npy: rows of numbers, the target in the last column or a second \
         file",
        "массив NumPy, .npy: строки чисел, цель в последнем столбце или во втором файле",
    ),
    (
        "an archive of NumPy, .npz, with arrays such as x and y, or x_train, y_train, x_test, \
         y_test",
        "архив NumPy, .npz, с массивами, например x и y или x_train, y_train, x_test, y_test",
    ),
    (
        "a directory with a folder of images for each class (PNG, JPEG, BMP, GIF), perhaps \
         below train and test",
        "каталог, где у каждого класса своя папка картинок (PNG, JPEG, BMP, GIF); над папками \
         могут быть train и test",
    ),
    (
        "a plain text: refused, since it has no rows; a table of texts and their classes is \
         read",
        "простой текст: не читается, в нём нет строк; читается таблица текстов и их классов",
    ),
];
