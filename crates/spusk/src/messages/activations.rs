//! Activations and their race.

messages! {
    // Activations and their race.
    activations_heading() { en: "Activation functions", ru: "Функции активации" }
    activations_about() {
        en: "Each activation of the library with its slope, which is what training descends by.",
        ru: "Каждая функция активации библиотеки и её производная — по ней и идёт обучение.",
    }
    activations_threshold() {
        en: "The threshold has slope 0 everywhere, so training takes that of a line instead: ½ where |x| < 1 (a straight-through gradient).",
        ru: "У порога производная всюду 0, поэтому при обучении берётся производная прямой: ½ там, где |x| < 1 (сквозной градиент).",
    }
    activations_vectors() {
        en: "Softmax and maxout take several numbers: softmax is shown for x beside 0, maxout with two pieces for the weights 1 and −½; training learns its weights.",
        ru: "Softmax и maxout берут несколько чисел: softmax показан для x рядом с 0, maxout из двух частей — для весов 1 и −½; при обучении они подбираются.",
    }
    column_activation() { en: "activation", ru: "активация" }
    column_formula() { en: "formula", ru: "формула" }
    function_word() { en: "function", ru: "функция" }
    derivative_word() { en: "derivative", ru: "производная" }
    race_heading() { en: "The race of activations", ru: "Гонка функций активации" }
    race_about(widths, seeds, epochs, rows) {
        en: "The same network (hidden layers {widths}) with each activation, trained {seeds} times from other first weights and in another order, {epochs} epochs on {rows} rows.",
        ru: "Одна и та же сеть (скрытые слои {widths}) с каждой активацией, обучений: {seeds}, каждое с другими начальными весами и порядком строк; эпох: {epochs}, строк: {rows}.",
    }
    race_rates(validation, test) {
        en: "Each has the best of four learning rates by the loss on {validation} validation rows; the score is of {test} test rows that decided nothing.",
        ru: "У каждой лучший из четырёх шагов по потере на проверочных строках ({validation}); оценка — на тестовых ({test}), которые ничего не решали.",
    }
    column_accuracy() { en: "test accuracy", ru: "точность на тесте" }
    column_test_loss() { en: "test loss", ru: "потеря на тесте" }
    column_interval() { en: "95 % interval of the mean", ru: "95 %-й интервал среднего" }
    race_winner(name) {
        en: "{name} wins: its interval overlaps no other.",
        ru: "Победила {name}: её интервал не пересекается с другими.",
    }
    race_overlap(name, others) {
        en: "{name} came first, but these seeds do not tell it apart from {others}: the intervals overlap. Take more seeds, or any of them.",
        ru: "Первой пришла {name}, но эти запуски не отличают её от {others}: интервалы пересекаются. Возьмите больше запусков (--seeds) или любую из них.",
    }
    race_one_seed(name) {
        en: "{name} came first with one seed, which says nothing about chance; take --seeds 5.",
        ru: "С одним запуском первой пришла {name}, но о случайности это ничего не говорит; возьмите --seeds 5.",
    }
    race_limits() {
        en: "The intervals (Student's t; of shares on the logit scale, and never narrower than that many test rows allow) are those of the seeds on one split of the data: other rows, widths or longer training may bring another order.",
        ru: "Интервалы (по Стьюденту; для долей — в логитах и не уже, чем позволяет число тестовых строк) учитывают только разные запуски при одном разбиении данных: с другими строками, ширинами или более долгим обучением порядок может стать другим.",
    }
    race_maxout() {
        en: "Maxout has two weights where the others have one.",
        ru: "У maxout по два веса там, где у других один.",
    }
    race_needs_rows() {
        en: "the race needs rows for validation and for the test, and no series; give more rows",
        ru: "для гонки нужны строки для проверки и для теста, а не ряд; дайте больше строк",
    }
    race_no_texts() {
        en: "the race trains layers that read numbers, and these rows are texts; name a table or pictures with --data",
        ru: "в гонке обучаются слои, читающие числа, а эти строки — тексты; назовите в --data таблицу или картинки",
    }
    race_stopped() {
        en: "the race was stopped before its end",
        ru: "гонка остановлена до конца",
    }
    race_note() {
        en: "Small dots: trainings. Large dots: their means. Bars: 95 % intervals of the means.",
        ru: "Малые точки — обучения, большие — средние, полосы — 95 %-е интервалы средних.",
    }
}
