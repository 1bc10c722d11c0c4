/// Letter case and character classes, by Unicode's full mappings as in Python.
extension Text {
    var uppercased: Text {
        if isASCII { return Text(bytes.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }, marks) }
        return mapRuns { Array($0.mapScalars(\.properties.uppercaseMapping).utf8) }
    }

    var lowercased: Text {
        if isASCII { return Text(bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, marks) }
        return lowered { _, _ in false }
    }

    /// Python's `casefold`, from the mappings of case that Swift has.
    var caseFolded: Text {
        if isASCII { return lowercased }
        return mapRuns { Array($0.mapScalars(\.caseFolded).utf8) }
    }

    /// In lower case, but for the characters that `starts` (previous, is first) says begin a word:
    /// those are `raised`.
    private func lowered(
        raised: (Unicode.Scalar) -> String = \.properties.titlecaseMapping,
        _ starts: (Unicode.Scalar?, Bool) -> Bool
    ) -> Text {
        let scalars = self.scalars
        var index = 0
        return mapRuns { bytes in
            var text = ""
            for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
                if starts(index > 0 ? scalars[index - 1] : nil, index == 0) {
                    text += raised(scalar)
                } else if scalar == "\u{3A3}" {
                    text += scalars.isFinalSigma(index) ? "\u{3C2}" : "\u{3C3}"
                } else {
                    text += scalar.properties.lowercaseMapping
                }
                index += 1
            }
            return Array(text.utf8)
        }
    }

    var swappedCase: Text {
        let scalars = self.scalars
        var index = 0
        return mapRuns { bytes in
            let text = bytes.mapScalars { scalar in
                defer { index += 1 }
                if scalar.properties.isLowercase { return scalar.properties.uppercaseMapping }
                if scalar == "\u{3A3}" { return scalars.isFinalSigma(index) ? "\u{3C2}" : "\u{3C3}" }
                return scalar.properties.isUppercase ? scalar.properties.lowercaseMapping : String(scalar)
            }
            return Array(text.utf8)
        }
    }

    /// The first character in title case, the others in lower case.
    var capitalized: Text { lowered { _, isFirst in isFirst } }

    /// `str.title`: a word begins at a letter behind something that has no case.
    var pythonTitle: Text {
        lowered { previous, _ in !(previous?.properties.isCased ?? false) }
    }

    /// jinja2's `title` filter: a word begins behind white space, `-` or an opening bracket, and its
    /// first character is in upper case. Each word is a text of its own.
    var jinjaTitle: Text {
        var builder = TextBuilder()
        var start = 0
        var previous: Unicode.Scalar?
        var position = 0
        func add(_ end: Int) {
            let word = slice(start..<end)
            let first = word.offset(ofCodePoint: 1) ?? word.bytes.count
            builder.append(word.slice(0..<first).uppercased)
            builder.append(word.slice(first..<word.bytes.count).lowercased)
        }
        for scalar in string.unicodeScalars {
            if let previous, previous.endsJinjaWord != scalar.endsJinjaWord {
                add(position)
                start = position
            }
            previous = scalar
            position += UTF8.width(scalar)
        }
        add(position)
        return builder.text
    }

    /// `str.istitle`.
    var isTitle: Bool {
        var hasWord = false
        var inWord = false
        for scalar in string.unicodeScalars {
            let isUpper =
                scalar.properties.isUppercase || scalar.properties.generalCategory == .titlecaseLetter
            if isUpper && inWord || scalar.properties.isLowercase && !inWord { return false }
            inWord = isUpper || scalar.properties.isLowercase
            if inWord { hasWord = true }
        }
        return hasWord
    }

    /// The `is...` methods: every character is of the class, and there is one.
    func isAll(_ method: TextMethod) -> Bool {
        let scalars = self.scalars
        switch method {
        case .isascii: return isASCII
        case .istitle: return isTitle
        case .isprintable: return scalars.allSatisfy(\.isPythonPrintable)
        case .isidentifier: return scalars.isIdentifier
        case .isupper, .islower:
            let wrongCase: (Unicode.Scalar) -> Bool = {
                method == .isupper ? $0.properties.isLowercase : $0.properties.isUppercase
            }
            let rightCase: (Unicode.Scalar) -> Bool = {
                method == .isupper ? $0.properties.isUppercase : $0.properties.isLowercase
            }
            return scalars.contains(where: rightCase) && !scalars.contains(where: wrongCase)
        default: return !scalars.isEmpty && scalars.allSatisfy { $0.isOf(method) }
        }
    }
}

extension Unicode.Scalar {
    func isOf(_ method: TextMethod) -> Bool {
        switch method {
        case .isspace: isPythonSpace
        case .isalpha: isPythonLetter
        case .isdecimal: properties.numericType == .decimal
        case .isdigit: properties.numericType == .decimal || properties.numericType == .digit
        case .isnumeric: properties.numericType != nil
        default: isPythonLetter || properties.numericType != nil
        }
    }

    /// What `\w` matches.
    var isPythonWord: Bool { self == "_" || isOf(.isalnum) }

    fileprivate var endsJinjaWord: Bool {
        isPythonSpace || "-({[<".unicodeScalars.contains(self)
    }

    /// Full case folding: through upper to lower case, but for the letters where that differs.
    fileprivate var caseFolded: String {
        switch value {
        case 0x131: return "\u{131}"
        // Cherokee folds to its capitals.
        case 0x13A0...0x13F5: return String(self)
        case 0x13F8...0x13FD, 0xAB70...0xABBF: return properties.uppercaseMapping
        default:
            let raised = properties.lowercaseMapping.unicodeScalars.map(\.properties.uppercaseMapping)
            return raised.joined().unicodeScalars.map(\.properties.lowercaseMapping).joined()
        }
    }

    private var isPythonLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            true
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate func mapScalars(_ change: (Unicode.Scalar) -> String) -> String {
        var result = ""
        for scalar in String(decoding: self, as: UTF8.self).unicodeScalars {
            result += change(scalar)
        }
        return result
    }
}

extension [Unicode.Scalar] {
    /// Whether the capital sigma at `index` ends a word, where its small letter has another form.
    fileprivate func isFinalSigma(_ index: Int) -> Bool {
        let before = self[..<index].last { !$0.properties.isCaseIgnorable }
        let after = self[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return (before?.properties.isCased ?? false) && !(after?.properties.isCased ?? false)
    }

    /// `str.isidentifier`.
    var isIdentifier: Bool {
        guard let first, first == "_" || first.properties.isXIDStart else { return false }
        return dropFirst().allSatisfy(\.properties.isXIDContinue)
    }
}
